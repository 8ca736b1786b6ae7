import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const service = process.env.HOTLINE_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  server: {
    proxy: {
      "/api": { target: service, ws: true, changeOrigin: false },
      "/portal/knowledge": { target: service, changeOrigin: false },
    },
  },
  build: {
    target: "es2022",
    // A data: URI would need a hole in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules[\\/](react|react-dom|scheduler|react-router|i18next|react-i18next)[\\/]/ },
            { name: "jssip", test: /node_modules[\\/](jssip|sdp-transform|debug|ms)[\\/]/ },
          ],
        },
      },
    },
  },
  test: { environment: "node", include: ["src/**/*.test.ts"], css: true },
});

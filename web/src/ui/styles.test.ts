import { expect, it } from "vitest";

const SHEETS = import.meta.glob<string>("../**/*.css", { query: "?raw", import: "default", eager: true });

// Pages load when they are opened and their styles stay: of two sheets that style one class, the later would win.
it("no two style sheets have the same selector", () => {
  const owner = new Map<string, string>();
  const twice: string[] = [];
  for (const [sheet, text] of Object.entries(SHEETS)) {
    for (const [, selectors = ""] of text.replace(/\/\*[^]*?\*\//g, "").matchAll(/([^{}]+)\{/g)) {
      for (const selector of selectors.split(",").map((one) => one.trim())) {
        if (selector.startsWith("@")) continue;
        const first = owner.get(selector) ?? sheet;
        owner.set(selector, first);
        if (first !== sheet) twice.push(`${selector}: ${first}, ${sheet}`);
      }
    }
  }
  expect(owner.size).toBeGreaterThan(100);
  expect(twice).toEqual([]);
});

import type { UA } from "jssip/lib/UA";
import type { Registration } from "./machine";

const REGISTER_AGAIN_MS = 4_000;

/** Reports how `ua` stands with the phone system, and registers again after a passing failure. Returns how to stop that. */
export function watchRegistration(ua: UA, register: boolean, report: (registration: Registration) => void): () => void {
  let again: ReturnType<typeof setTimeout> | undefined;
  ua.on("connecting", () => report("connecting"));
  ua.on("connected", () => {
    if (!register) report("registered");
  });
  ua.on("disconnected", () => report("lost"));
  ua.on("registered", () => report("registered"));
  ua.on("registrationFailed", ({ cause, response }) => {
    const refused = response?.status_code === 401 || response?.status_code === 403;
    report(refused ? "refused" : "lost");
    if (refused || !cause) return;
    clearTimeout(again);
    again = setTimeout(() => ua.isConnected() && ua.register(), REGISTER_AGAIN_MS);
  });
  return () => clearTimeout(again);
}

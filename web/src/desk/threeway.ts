import type { CallView } from "../api/types";

/** Whether a specialist is being brought in or is there; one that is over may still have its error to tell. */
export function inThreeway(call: CallView | null): boolean {
  return (call?.threeway?.state ?? "ended") !== "ended";
}

import type { CallView } from "../api/types";

/** Whether a specialist is being brought in or is there; one that is over may still have its error to tell. */
export function inThreeway(call: CallView | null): boolean {
  return (call?.threeway?.state ?? "ended") !== "ended";
}

/** Whether the caller waits for the agent alone, and goes back to the queue when the agent hangs up. */
export function callerWaits(call: CallView | null): boolean {
  switch (call?.threeway?.state) {
    case "consult_ringing":
    case "consulting":
    case "merging":
    case "returning":
      return true;
    default:
      return false;
  }
}

import { Problem } from "../api/problem";
import type { ScreenPop } from "../api/types";
import { sendCommand, useWorkspace } from "./store";

export interface PopState {
  pop: ScreenPop | null;
  /** Why there is none; null while it is on its way. */
  error: Problem | null;
}

/** What is known of the call's caller: the service sends it with the ring, and with each snapshot. */
export function useScreenPop(callId: string): PopState {
  const popped = useWorkspace((workspace) => workspace.popped);
  if (popped?.call_id !== callId) return { pop: null, error: null };
  const { pop, error } = popped;
  return { pop, error: error && new Problem(503, error.error_id, error.detail || error.title) };
}

/** Has the pop read again, after something that it shows was changed here. Without a link, the next snapshot brings it. */
export function refreshScreenPop(): void {
  sendCommand({ command: "resync" }).catch(() => undefined);
}

import type { CallDetail } from "../api/types";

/** Why a call stands there without a player: a recording that is there and not played is one this account may not hear. */
export function noPlayerNote(
  call: Pick<CallDetail, "recording" | "recording_removed_at">,
): "notYours" | "recordingRemoved" | "noRecording" {
  if (call.recording !== null) return "notYours";
  return call.recording_removed_at !== null ? "recordingRemoved" : "noRecording";
}

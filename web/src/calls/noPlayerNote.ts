import type { CallDetail } from "../api/types";

/** Why a call stands there without a player: what is there and not played is what this account may not hear. */
export function noPlayerNote(
  call: Pick<CallDetail, "recording" | "voicemail" | "recording_removed_at">,
): "notYours" | "recordingRemoved" | "noRecording" {
  if (call.recording !== null || call.voicemail !== null) return "notYours";
  return call.recording_removed_at !== null ? "recordingRemoved" : "noRecording";
}

import { expect, it } from "vitest";
import { noPlayerNote } from "./noPlayerNote";

const REMOVED = "2026-11-24T03:00:00Z";
const NOTHING = { recording: null, voicemail: null, recording_removed_at: null };

it("tells a recording that was removed from one that never was", () => {
  expect(noPlayerNote({ ...NOTHING, recording_removed_at: REMOVED })).toBe("recordingRemoved");
  expect(noPlayerNote(NOTHING)).toBe("noRecording");
});

it("tells of a recording or a message that this account may not play", () => {
  expect(noPlayerNote({ ...NOTHING, recording: { seconds: 60, sides: ["mix"] } })).toBe("notYours");
  expect(noPlayerNote({ ...NOTHING, voicemail: { seconds: 6, sides: ["voicemail"] } })).toBe("notYours");
});

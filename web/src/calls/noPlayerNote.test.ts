import { expect, it } from "vitest";
import { noPlayerNote } from "./noPlayerNote";

const REMOVED = "2026-11-24T03:00:00Z";

it("tells a recording that was removed from one that never was", () => {
  expect(noPlayerNote({ recording: null, recording_removed_at: REMOVED })).toBe("recordingRemoved");
  expect(noPlayerNote({ recording: null, recording_removed_at: null })).toBe("noRecording");
});

it("tells of a recording that this account may not play", () => {
  expect(noPlayerNote({ recording: { seconds: 60, sides: ["mix"] }, recording_removed_at: null })).toBe("notYours");
});

import { expect, it } from "vitest";
import type { CallDetail } from "../api/types";
import { timeline } from "./timeline";

it("puts menu, queue, ringing, talk and end in order", () => {
  const call = {
    started_at: "2026-11-24T02:00:00Z",
    path: [
      { at: "2026-11-24T02:00:01Z", node: "welcome", label: "", digits: null },
      { at: "2026-11-24T02:00:05Z", node: "menu", label: "主菜单", digits: "1" },
    ],
    queue: "enterprise",
    queued_at: "2026-11-24T02:00:06Z",
    attempts: [
      { agent: "1001", rang_at: "2026-11-24T02:00:07Z", answered_at: null, result: "missed", rang_seconds: 15 },
      { agent: "1002", rang_at: "2026-11-24T02:00:23Z", answered_at: "2026-11-24T02:00:26Z", result: "answered", rang_seconds: 3 },
    ],
    threeway: [{ at: "2026-11-24T02:02:00Z", unit: "税务局", specialist_id: "s1", specialist: "李雷", result: "merged" }],
    threeway_moves: [
      { at: "2026-11-24T02:02:30Z", kind: "merged", agent: "1002" },
      { at: "2026-11-24T02:03:00Z", kind: "agent_left", agent: "1002" },
    ],
    ended_at: "2026-11-24T02:05:00Z",
  } as CallDetail;
  expect(timeline(call).map((s) => s.kind)).toEqual([
    "arrived",
    "node",
    "node",
    "queued",
    "missed",
    "answered",
    "threeway",
    "move",
    "move",
    "ended",
  ]);
  expect(timeline(call)[1]?.label).toBe("welcome");
});

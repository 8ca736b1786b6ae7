import { expect, it } from "vitest";
import type { CaseView } from "../../api/types";
import { type CourseEntry, courseOf, isOf, since } from "./course";

const step = (version: number, at: string, action = "sign") => ({ version, at, action, by_name: "赵敏", source: "dispatched", target: "in_progress", detail: {} });
const view = (more: object): CaseView => ({ steps: [], replies: [], callbacks: [], ...more }) as unknown as CaseView;
const at = (minute: number) => `2026-11-30T10:${String(minute).padStart(2, "0")}:00Z`;
const keys = (entries: CourseEntry[]) => entries.map(({ key }) => key);

it("puts steps, calls and notes in one line, the newest first", () => {
  const calls = [{ call_id: "c1", started_at: at(1) }] as never;
  const notes = [{ id: "n1", written_at: at(3) }] as never;
  expect(keys(courseOf(view({ steps: [step(2, at(2)), step(3, at(4))] }), calls, notes))).toEqual(["step-3", "n1", "step-2", "c1"]);
});

it("keeps the order of steps of one moment", () => {
  expect(keys(courseOf(view({ steps: [step(2, at(2)), step(3, at(2))] }), [], []))).toEqual(["step-3", "step-2"]);
});

it("shows a reply in the step that gave it, whatever way its time is written", () => {
  const reply = { id: "r1", at: "2026-11-30T10:05:00+00:00" };
  const [entry] = courseOf(view({ steps: [step(2, at(5), "reply")], replies: [reply] }), [], []);
  expect(entry).toMatchObject({ kind: "step", reply: { id: "r1" } });
  expect(isOf("replies", entry!)).toBe(true);
  expect(isOf("notes", entry!)).toBe(false);
});

it("knows what came after the version that was read", () => {
  expect(since(view({ steps: [step(2, at(2)), step(3, at(3))] }), 2).map(({ version }) => version)).toEqual([3]);
});

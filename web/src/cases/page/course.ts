/** What happened to a case, in one line of time. Pure. */
import type { CallDetail, CallbackView, CaseView, NoteView, ReplyView, StepView } from "../../api/types";

export type CourseEntry = { key: string; at: string } & (
  | { kind: "step"; step: StepView; reply: ReplyView | null; callback: CallbackView | null }
  | { kind: "call"; call: CallDetail }
  | { kind: "note"; note: NoteView }
);

export const COURSE_KINDS = ["all", "handling", "replies", "calls", "notes"] as const;
export type CourseKind = (typeof COURSE_KINDS)[number];

/** Newest first. A reply and a callback stand in the step that made them: the service gives both the same moment. */
export function courseOf(view: CaseView, calls: readonly CallDetail[], notes: readonly NoteView[]): CourseEntry[] {
  const entries: CourseEntry[] = [
    ...view.steps.map((step): CourseEntry => ({ kind: "step", key: `step-${step.version}`, at: step.at, step, ...told(view, step) })),
    ...calls.map((call): CourseEntry => ({ kind: "call", key: call.call_id, at: call.started_at, call })),
    ...notes.map((note): CourseEntry => ({ kind: "note", key: note.id, at: note.written_at, note })),
  ];
  const place = new Map(entries.map((entry, index) => [entry, index]));
  return entries.sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || (place.get(b) ?? 0) - (place.get(a) ?? 0));
}

const REPLYING = new Set(["reply", "reply_interim", "reply_assignment"]);

function told(view: CaseView, step: StepView): { reply: ReplyView | null; callback: CallbackView | null } {
  const same = (at: string) => Date.parse(at) === Date.parse(step.at);
  return {
    reply: REPLYING.has(step.action) ? (view.replies.find((reply) => same(reply.at)) ?? null) : null,
    callback: step.action === "record_callback" ? (view.callbacks.find((callback) => same(callback.at)) ?? null) : null,
  };
}

export function isOf(kind: CourseKind, entry: CourseEntry): boolean {
  switch (kind) {
    case "all":
      return true;
    case "handling":
      return entry.kind === "step";
    case "replies":
      return entry.kind === "step" && (entry.reply !== null || entry.callback !== null);
    case "calls":
      return entry.kind === "call" || (entry.kind === "step" && entry.callback !== null);
    case "notes":
      return entry.kind === "note";
  }
}

/** What happened after the version that somebody has read. */
export function since(view: Pick<CaseView, "steps">, version: number): StepView[] {
  return view.steps.filter((step) => step.version > version);
}

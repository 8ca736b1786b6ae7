import type { CallDetail } from "../api/types";

export type StepKind = "arrived" | "node" | "queued" | "answered" | "missed" | "lost" | "threeway" | "move" | "ended";
export interface Step {
  at: string;
  kind: StepKind;
  label: string;
  digits: string | null;
  agent: string | null;
  seconds: number | null;
  /** Who was asked. */
  specialist: string | null;
}

const step = (at: string, kind: StepKind, more: Partial<Step> = {}): Step => ({
  at,
  kind,
  label: "",
  digits: null,
  agent: null,
  seconds: null,
  specialist: null,
  ...more,
});

/** Everything that happened on a call, in the order it happened. */
export function timeline(call: CallDetail): Step[] {
  const steps: Step[] = [step(call.started_at, "arrived")];
  for (const p of call.path) steps.push(step(p.at, "node", { label: p.label || p.node, digits: p.digits }));
  if (call.queued_at) steps.push(step(call.queued_at, "queued", { label: call.queue ?? "" }));
  for (const a of call.attempts) {
    const more = { agent: a.agent, seconds: a.rang_seconds };
    if (a.answered_at) steps.push(step(a.answered_at, "answered", more));
    else steps.push(step(a.rang_at, "missed", more));
    if (a.result === "lost" && a.ended_at) steps.push(step(a.ended_at, "lost", { agent: a.agent }));
  }
  for (const w of call.threeway) steps.push(step(w.at, "threeway", { label: `${w.unit} · ${w.specialist}`, agent: w.result, specialist: w.specialist_id }));
  for (const m of call.threeway_moves) steps.push(step(m.at, "move", { label: m.kind, agent: m.agent }));
  if (call.ended_at) steps.push(step(call.ended_at, "ended"));
  const order = steps.map((s, i) => ({ s, i, t: Date.parse(s.at) }));
  order.sort((a, b) => a.t - b.t || a.i - b.i);
  return order.map(({ s }) => s);
}

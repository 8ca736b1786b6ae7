import { api, unwrap } from "../../api/client";
import type { components } from "../../api/generated";
import type { FlowDocument } from "../flows";
import { asMap } from "../graph/edits";
import type { GraphMarks } from "../graph/marks";

export type SimulatedCall = components["schemas"]["SimulatedCallView"];
export type FlowTest = components["schemas"]["FlowTestView"];
/** As in the API; what is left out is as the service has it. */
export type SimulatedCaller = components["schemas"]["SimulatedCaller"];
export type CallerPart = Partial<SimulatedCaller>;

export const QUEUE_OUTCOMES = ["answered", "timed_out", "full", "no_agents", "abandoned"] as const;
export const KNOWN = ["no", "contact", "enterprise", "skip_menu"] as const;
export const CASES = ["none", "away", "with_unit", "closed"] as const;

const path = (flow_id: string) => ({ params: { path: { flow_id } } });

export function simulateCall(id: string, document: FlowDocument, caller: CallerPart) {
  return unwrap(api.POST("/api/flows/{flow_id}/simulate", { ...path(id), body: { document, caller } }));
}

export function runTests(id: string, document: FlowDocument) {
  return unwrap(api.POST("/api/flows/{flow_id}/tests", { ...path(id), body: { document } }));
}

/** `1, -, 0, h`: a key or keys for each question, silence, hanging up. */
export function answersOf(typed: string): string[] {
  const parts = typed.split(/[,，\s]+/).filter((part) => part !== "");
  return parts.map((part) => (part === "-" ? "" : part === "h" ? "hang up" : part));
}

/** Whether each answer is one that the service takes. */
export const isAnswers = (typed: string): boolean => answersOf(typed).every((each) => each === "hang up" || /^[0-9*#]{0,32}$/.test(each));

/** The way of the call, lit on the graph; what a subflow did is not on it. */
export function marksOf(call: SimulatedCall): GraphMarks {
  const own = call.steps.filter((step) => !step.flow);
  return {
    nodes: Object.fromEntries(own.map((step) => [step.node, { tone: "path" as const }])),
    edges: Object.fromEntries(own.filter((step) => step.outcome).map((step) => [`${step.node}.${step.outcome}`, { tone: "path" as const }])),
  };
}

/** The document with this call among its test cases: the same caller must go the same way. */
export function withTest(document: FlowDocument, name: string, caller: CallerPart, call: SimulatedCall): FlowDocument {
  const passes = call.steps.filter((step) => !step.flow).map((step) => step.node);
  const expect = { passes, ends_in: passes.at(-1), queue: call.stays.at(-1)?.queue ?? "", ended_by: call.ended_by };
  const tests: unknown[] = Array.isArray(document.tests) ? document.tests : [];
  return { ...document, tests: [...tests.filter((each) => asMap(each).name !== name), { name, caller, expect }] };
}

/** Minutes and seconds from the answer, such as 1:05. */
export function clockOf(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** What each action asks for, one line a field; the service's own description checks the names. Pure. */
import type { operations } from "../../api/generated";
import type { CaseAction, CaseView } from "../../api/types";
import { answerOf } from "../../knowledge/requests/answer";

/** The service alone counts a case as signed, and hands a master's answer on. */
export type PersonAction = Exclude<CaseAction, "count_as_signed" | "receive_answer" | "close_with_master">;
type Body<A extends PersonAction> = operations[`cases.${A}_case`]["requestBody"]["content"]["application/json"];
type FieldName<A extends PersonAction> = Exclude<keyof Body<A>, "version" | "request_id"> & string;

export type FieldKind =
  | "text"
  | "line"
  | "yesno" // asked as a question: neither answer is taken for granted
  | "check"
  | "choice"
  | "days"
  | "moment"
  | "unit"
  | "units"
  | "item"
  | "assignment"
  | "contact"
  | "call"
  | "knowledge"
  | "follow_up"
  | "person";

export type Values = Readonly<Record<string, unknown>>;

export interface FieldSpec<Name extends string = string> {
  name: Name;
  kind: FieldKind;
  required?: boolean;
  max?: number;
  options?: readonly string[];
  /** Which texts name the options, where not those of the field's own name. */
  words?: string;
  initial?: unknown;
  /** Whether it is asked, as the form stands; always where left out. */
  when?: (values: Values, view: CaseView) => boolean;
  /** Whether it must be filled in, as the form stands. */
  needed?: (values: Values, view: CaseView) => boolean;
  /** Which units may be chosen: those below the viewer's, or all. */
  below?: boolean;
  /** Which of the viewer's assignments may be chosen. */
  states?: readonly string[];
}

const REASON = 4000;
const TEXT = 20_000;
const SATISFACTION = ["very_satisfied", "satisfied", "acceptable", "dissatisfied", "very_dissatisfied", "no_statement"];
const reason = { name: "reason", kind: "text", required: true, max: REASON } as const;
const reached = (values: Values) => !values.not_reached;

/** Own assignments that helpers answer for; the lead's answer is the case's reply. */
const helping = (...states: string[]) => ({ name: "assignment_id", kind: "assignment", required: true, states }) as const;
const rated = (name: "result" | "process" | "agent") =>
  ({ name, kind: "choice", options: SATISFACTION, words: "satisfaction", initial: "no_statement", when: reached }) as const;

const linked = [
  { name: "master_id", kind: "line", required: true, max: 36 },
  { name: "reason", kind: "text", max: TEXT },
  { name: "answered_with_master", kind: "check" },
] as const;

export const FORMS: { readonly [A in PersonAction]: readonly FieldSpec<FieldName<A>>[] } = {
  close_direct: [
    { name: "answer", kind: "text", required: true, max: REASON },
    { name: "knowledge", kind: "knowledge" },
    { name: "three_way_call_id", kind: "call" },
    { name: "consent", kind: "check", when: ({ three_way_call_id: call }) => Boolean(call), needed: () => true },
    { name: "follow_up", kind: "follow_up", when: ({ three_way_call_id: call }, { type }) => Boolean(call) && type === "consult" },
  ],
  not_accept: [
    { name: "reason", kind: "choice", required: true, options: [..."abcdefg"] },
    { name: "explanation", kind: "text", required: true, max: REASON },
    { name: "channel", kind: "line", max: 200, when: ({ reason: why }) => why === "a" || why === "d", needed: () => true },
  ],
  transfer_emergency: [{ name: "service", kind: "choice", required: true, options: ["110", "119", "120", "122"] }],
  submit: [],
  ask_info: [reason],
  give_info: [],
  approve: [
    { name: "text_for_unit", kind: "text", max: TEXT, when: (_, view) => view.confidential || view.anonymous, needed: () => true },
  ],
  dispatch: [
    { name: "item_id", kind: "item" },
    { name: "lead_unit_id", kind: "unit", required: true },
    { name: "assisting_unit_ids", kind: "units" },
    { name: "advice", kind: "text", max: TEXT },
    { name: "designate", kind: "check" },
  ],
  sign: [],
  request_return: [
    {
      name: "ground",
      kind: "choice",
      required: true,
      options: ["not_our_duty", "objection", "unclear", "duplicate", "procedure"],
    },
    reason,
    { name: "legal_basis", kind: "text", required: true, max: REASON },
    { name: "suggested_unit_id", kind: "unit" },
  ],
  accept_return: [reason],
  refuse_return: [reason],
  request_extension: [
    { name: "days", kind: "days", required: true },
    reason,
    { name: "caller_informed", kind: "check", required: true },
  ],
  endorse_extension: [],
  grant_extension: [{ name: "days", kind: "days" }, reason],
  refuse_extension: [reason],
  record_contact: [
    { name: "assignment_id", kind: "assignment", states: ["dispatched", "signed", "replied"] },
    { name: "contact", kind: "contact", required: true },
  ],
  reply_interim: [
    { name: "public_answer", kind: "text", required: true, max: TEXT },
    { name: "internal_handling", kind: "text", max: TEXT },
    { name: "promised_at", kind: "moment", required: true },
    { name: "caller_informed", kind: "check", required: true },
  ],
  reply: [
    { name: "facts", kind: "yesno", required: true },
    { name: "beyond_duty", kind: "check" },
    { name: "beyond_duty_reason", kind: "text", max: TEXT, when: ({ beyond_duty: beyond }) => beyond === true, needed: () => true },
    { name: "contact", kind: "contact", required: true },
    { name: "solved", kind: "yesno", required: true },
    { name: "unsolved_reason", kind: "text", max: TEXT, when: ({ solved }) => solved === false, needed: () => true },
    { name: "public_answer", kind: "text", required: true, max: TEXT },
    { name: "internal_handling", kind: "text", required: true, max: TEXT },
    { name: "alone_reason", kind: "text", max: TEXT, when: (_, view) => outstanding(view), needed: () => true },
  ],
  sub_dispatch: [
    { name: "assignment_id", kind: "assignment", states: ["signed"] },
    { name: "unit_ids", kind: "units", required: true, below: true },
    { name: "advice", kind: "text", max: TEXT },
    { name: "due_at", kind: "moment" },
  ],
  sign_assignment: [helping("dispatched")],
  return_assignment: [helping("dispatched"), reason],
  reply_assignment: [helping("signed"), { name: "answer", kind: "text", required: true, max: TEXT }],
  schedule_callback: [
    { name: "fits_facts", kind: "yesno", required: true },
    { name: "note", kind: "text", max: TEXT },
  ],
  record_callback: [
    { name: "not_reached", kind: "choice", options: ["no_answer", "busy", "off", "wrong_number", "refused"] },
    { name: "unit_contacted", kind: "yesno", when: reached, needed: reached },
    { name: "solved", kind: "choice", options: ["yes", "partly", "no", "no_statement"], words: "solved", initial: "no_statement", when: reached },
    rated("result"),
    rated("process"),
    rated("agent"),
    { name: "fits_facts", kind: "yesno", when: reached },
    { name: "call_id", kind: "call" },
    { name: "words", kind: "text", max: TEXT },
  ],
  order_rework: [reason],
  resume_work: [],
  close: [
    { name: "fits_facts", kind: "yesno", initial: true, when: (_, view) => view.state === "replied" },
    { name: "disposition", kind: "text", max: TEXT },
    { name: "follow_up", kind: "follow_up", when: (_, view) => view.type === "consult" && answerOf(view) !== "" },
  ],
  reopen: [reason],
  archive: [],
  terminate: [
    {
      name: "ground",
      kind: "choice",
      required: true,
      options: ["written_request", "not_cooperating", "no_new_facts", "beyond_any_duty"],
    },
    { name: "request", kind: "text", required: true, max: REASON },
    { name: "explanation", kind: "text", required: true, max: REASON },
  ],
  withdraw: [
    { name: "confirmed_by_caller", kind: "check", required: true },
    { name: "confirmed_how", kind: "text", required: true, max: REASON },
    { name: "pressed_by_unit", kind: "yesno", required: true },
  ],
  claim: [],
  release: [],
  urge: [{ name: "words", kind: "text", max: TEXT }],
  suspend: [reason],
  resume: [reason],
  mark_hard: [reason],
  link_duplicate: linked,
  add_to_cluster: linked,
  unlink_duplicate: [reason],
  note_repeat: [
    { name: "caller_message", kind: "text", required: true, max: REASON },
    { name: "words", kind: "text", max: TEXT },
    { name: "call_id", kind: "call" },
  ],
  close_as_repeat: [{ name: "master_id", kind: "line", required: true, max: 36 }],
  recuse: [{ name: "user_id", kind: "person", required: true }, reason],
};

/** Whether units that the lead waits for have not answered. */
function outstanding(view: CaseView): boolean {
  const running = view.assignments.filter(({ state }) => state !== "returned" && state !== "ended");
  const lead = running.find(({ role }) => role === "lead");
  return running.some(({ parent_id: parent, state }) => lead !== undefined && parent === lead.id && state !== "replied");
}

export function fieldsOf(action: PersonAction, values: Values, view: CaseView): FieldSpec[] {
  const specs: readonly FieldSpec[] = FORMS[action];
  return specs.filter(({ when }) => when?.(values, view) ?? true);
}

export function isNeeded(spec: FieldSpec, values: Values, view: CaseView): boolean {
  return (spec.required ?? false) || (spec.needed?.(values, view) ?? false);
}

/** What the form opens with. */
export function initialOf(action: PersonAction, view: CaseView): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const { name, kind, initial, states } of FORMS[action] as readonly FieldSpec[]) {
    if (initial !== undefined) found[name] = initial;
    if (kind === "item") found[name] = view.item_id ?? undefined;
    if (kind === "assignment") {
      const [only, second] = ownAssignments(view, states ?? [], (FORMS[action] as readonly FieldSpec[]).some((spec) => spec.name === name && spec.required));
      if (only !== undefined && second === undefined) found[name] = only.id;
    }
  }
  return found;
}

/** The viewer's assignments in one of `states`; with `helping` without the lead's. */
export function ownAssignments(view: CaseView, states: readonly string[], helping: boolean): CaseView["assignments"] {
  return view.assignments.filter(({ own, role, state }) => own && states.includes(state) && !(helping && role === "lead"));
}

/** What is sent: the fields that are asked, without those left empty. */
export function bodyOf(action: PersonAction, values: Values, view: CaseView): Record<string, unknown> {
  const asked = fieldsOf(action, values, view);
  const filled = asked.map(({ name }) => [name, values[name]] as const).filter(([, value]) => !isEmpty(value));
  return Object.fromEntries(filled);
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

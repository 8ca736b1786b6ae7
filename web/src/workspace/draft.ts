/** The case form's draft: what the server has, what it has not yet, and what to do when both changed. Pure. */
import type { CaseFields, CasePatch, CaseView } from "../api/types";

export type Field = keyof CaseFields;
export type Edits = Partial<CaseFields>;

export interface Clash {
  field: Field;
  mine: CaseFields[Field] | undefined;
  theirs: CaseFields[Field];
}

export interface Draft {
  /** The server's last known case; null until the first words make one. */
  base: CaseView | null;
  /** What the server does not have yet; kept in the browser's storage until it has. */
  edits: Edits;
  /** The part of `edits` now on its way. */
  sending: Edits | null;
  /** The last try failed for a passing reason (network, service away): try again by itself. */
  stalled: boolean;
  /** The server refuses these words; trying again helps nothing until they change. */
  refusal: string | null;
  clashes: Clash[];
}

export const EMPTY: Draft = { base: null, edits: {}, sending: null, stalled: false, refusal: null, clashes: [] };

export const BLANK: CaseFields = {
  type: null,
  life_cycle_stage: null,
  urgency: "normal",
  title: "",
  content: "",
  unit_complained_of: "",
  complaint_type: "",
  demand: "",
  place: "",
  occurred_at: null,
  confidential: false,
  enterprise_id: null,
  contact_id: null,
  callback_number: "",
  anonymous: false,
  needs_reply: true,
  needs_callback: true,
  item_id: null,
  unit_complained_of_id: null,
  sms_agreed: false,
};

export const FIELDS = Object.keys(BLANK) as Field[];

/** The form's present values. */
export function values(draft: Draft): CaseFields {
  const base = draft.base ?? BLANK;
  const shown = Object.fromEntries(FIELDS.map((f) => [f, base[f] ?? BLANK[f]]));
  return { ...(shown as unknown as CaseFields), ...draft.edits };
}

export type SaveStatus = "empty" | "saved" | "unsaved" | "saving" | "stalled" | "refused" | "conflict";

export function saveStatus(draft: Draft): SaveStatus {
  if (draft.clashes.length > 0) return "conflict";
  if (draft.refusal !== null) return "refused";
  if (draft.sending !== null) return "saving";
  if (draft.stalled) return "stalled";
  if (Object.keys(draft.edits).length > 0) return "unsaved";
  return draft.base === null ? "empty" : "saved";
}

/** Opens what the server has, with what the browser kept from before a reload laid over it. */
export function open(base: CaseView | null, kept: Edits = {}): Draft {
  return { ...EMPTY, base, edits: without(kept, base) };
}

export function edit(draft: Draft, changes: Edits): Draft {
  const edits = without({ ...draft.edits, ...changes }, draft.sending ? null : draft.base);
  return { ...draft, edits, refusal: null, clashes: draft.clashes.filter((c) => !(c.field in changes)) };
}

/** Takes what should be sent now; null when there is nothing, or something stands in the way. */
export function send(draft: Draft): { draft: Draft; changes: Edits } | null {
  if (draft.sending !== null || draft.clashes.length > 0 || draft.refusal !== null) return null;
  if (Object.keys(draft.edits).length === 0) return null;
  return { draft: { ...draft, sending: draft.edits, stalled: false }, changes: draft.edits };
}

export function patchOf(base: CaseView, changes: Edits): CasePatch {
  return { ...changes, version: base.version };
}

/** The server has what was sent; what was typed meanwhile stays to be sent. */
export function saved(draft: Draft, base: CaseView): Draft {
  const sent = draft.sending ?? {};
  const left = Object.fromEntries(
    Object.entries(draft.edits).filter(([field, value]) => !(field in sent) || sent[field as Field] !== value),
  );
  return { ...draft, base, sending: null, stalled: false, edits: without(left, base) };
}

export function stalled(draft: Draft): Draft {
  return { ...draft, sending: null, stalled: true };
}

export function refused(draft: Draft, why: string): Draft {
  return { ...draft, sending: null, stalled: false, refusal: why };
}

/** Somebody else saved first. Fields only one side touched are merged; the others are for the agent to decide. */
export function conflicted(draft: Draft, latest: CaseView): Draft {
  const before = draft.base ?? BLANK;
  const clashes: Clash[] = [];
  for (const field of Object.keys(draft.edits) as Field[]) {
    const theirs = latest[field] ?? BLANK[field];
    if (theirs !== (before[field] ?? BLANK[field]) && theirs !== draft.edits[field]) {
      clashes.push({ field, mine: draft.edits[field], theirs });
    }
  }
  return { ...draft, base: latest, sending: null, stalled: false, clashes, edits: without(draft.edits, latest) };
}

export function resolve(draft: Draft, field: Field, keep: "mine" | "theirs"): Draft {
  const clashes = draft.clashes.filter((c) => c.field !== field);
  if (keep === "mine") return { ...draft, clashes };
  const edits = Object.fromEntries(Object.entries(draft.edits).filter(([name]) => name !== field));
  return { ...draft, clashes, edits };
}

/** What a complaint or a report must record by the standard (clause 9); the server has the last word. */
export function wanted(fields: CaseFields): Field[] {
  const must: Field[] = ["type", "title", "content"];
  if (fields.type === "complaint" || fields.type === "report") {
    must.push("unit_complained_of", "complaint_type", "demand");
  }
  return must.filter((field) => !fields[field]);
}

function without(edits: Edits, base: CaseFields | null): Edits {
  const known = base ?? null;
  if (known === null) return edits;
  const entries = Object.entries(edits).filter(([f, v]) => (known[f as Field] ?? BLANK[f as Field]) !== v);
  return Object.fromEntries(entries);
}

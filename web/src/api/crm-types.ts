/** Enterprises, cases, units and the screen pop. */
export type EnterpriseKind = "enterprise" | "individual_business" | "private_enterprise";
export type EnterpriseSize = "micro" | "small" | "medium" | "large";
export interface ContactNumber {
  id: string;
  number: string;
  purpose: "caller" | "callback";
}
export interface ContactView {
  id: string;
  name: string;
  role: string;
  numbers: ContactNumber[];
  preferred: "phone" | "sms";
}
export interface EnterpriseRow {
  id: string;
  name: string;
  credit_code: string | null;
  kind: EnterpriseKind;
  industry: string;
  size: EnterpriseSize | null;
}
export interface EnterpriseView extends EnterpriseRow {
  contacts: ContactView[];
}
export interface EnterpriseDraft {
  name: string;
  credit_code?: string;
  kind: EnterpriseKind;
  industry?: string;
  contacts?: ContactDraft[];
}
export interface ContactDraft {
  name: string;
  role?: string;
  numbers?: { number: string; purpose?: "caller" | "callback" }[];
}

export type CaseType = "consult" | "help" | "suggestion" | "complaint" | "report" | "praise";
export type LifeCycleStage = "establish" | "operate" | "change" | "deregister";
export type Urgency = "normal" | "urgent" | "life_safety";
export interface CaseFields {
  type: CaseType | null;
  life_cycle_stage: LifeCycleStage | null;
  urgency: Urgency;
  title: string;
  content: string;
  unit_complained_of: string;
  complaint_type: string;
  demand: string;
  place: string;
  occurred_at: string | null;
  confidential: boolean;
  enterprise_id: string | null;
  contact_id: string | null;
  callback_number: string;
}
export interface CaseView extends CaseFields {
  id: string;
  number: string;
  spoken_number: string;
  state: string;
  version: number;
  channel: string;
  enterprise_name: string | null;
  call_ids: string[];
  created_by: string;
  created_at: string;
  updated_at: string;
  missing: string[];
}
export type CaseDraft = Partial<CaseFields> & { id?: string; call_id?: string };
export type CasePatch = Partial<CaseFields> & { version: number };
export interface CaseRow {
  id: string;
  number: string;
  title: string;
  state: string;
  type: CaseType | null;
  urgency: Urgency;
  confidential: boolean;
  enterprise_name: string | null;
  created_at: string;
  updated_at: string;
}
export interface DirectAnswer {
  answer: string;
  three_way_call_id?: string;
  consent: boolean;
}
export interface NotAccepted {
  reason: string;
  explanation: string;
  channel?: string;
}

export interface SpecialistView {
  id: string;
  name: string;
  title: string;
  answerable_scope: string;
  on_duty: boolean;
  phones: { label: string; kind: string }[];
}
export interface UnitView {
  id: string;
  name: string;
  specialists: SpecialistView[];
}
export interface EarlierCall {
  call_id: string;
  started_at: string;
  queue: string | null;
  outcome: string;
  agents: string[];
  talk_seconds: number;
  survey: number | null;
  case_numbers: string[];
}
export interface Candidate {
  enterprise_id: string;
  enterprise_name: string;
  contact_id: string;
  contact_name: string;
}
export interface ScreenPop {
  call_id: string;
  /** The only one the number belongs to, or null. */
  enterprise: EnterpriseView | null;
  contact: ContactView | null;
  /** Everybody who shares the number. */
  candidates: Candidate[];
  /** Cases of this very call: after a reload the draft is found here. */
  call_cases: CaseRow[];
  open_cases: CaseRow[];
  past_cases: CaseRow[];
  earlier_calls: EarlierCall[];
}

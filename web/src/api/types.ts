/** The service's views and the workspace socket's messages, by name: from the generated description. */
import type { components, paths } from "./generated";

type View = components["schemas"];

export interface Page<T> {
  items: T[];
  next?: string | null;
  total?: number | null;
}

export type Permission = View["Permission"];
export type SessionUser = View["SessionUser"];
export type SessionView = View["SessionView"];
export type AccountView = View["AccountView"];
export type OpenSession = View["OpenSession"];
export type Enrolment = View["EnrolmentView"];
export type AccessView = View["AccessView"];
export type RoleRequest = View["RoleRequestView"];
export type Role = View["Role"];
export type DeskPhone = View["WorkspacePhoneView"];
export type PublicCall = View["PublicPhoneView"];
export type PauseReason = View["PauseReasonView"];

export type EnterpriseKind = View["EnterpriseKind"];
export type EnterpriseRow = View["EnterpriseRow"];
export type EnterpriseView = View["EnterpriseView"];
export type CaseDeadlineView = View["CaseDeadlineView"];
export type TrafficLightColour = View["TrafficLight"];
export type EnterpriseNote = View["EnterpriseNoteView"];
export type DuplicatePair = View["DuplicateView"];
export type MergeBody = View["MergeBody"];
export type UndoneMerge = View["UndoView"];
export type ImportView = View["ImportView"];
export type ImportRowView = View["ImportRowView"];
export type EnterpriseDraft = View["EnterpriseDraft"];
export type EnterpriseChange = View["EnterpriseChange"];
export type EnterpriseSize = View["EnterpriseSize"];
export type ContactView = View["ContactView"];
export type ContactMethod = View["ContactMethod"];
export type NumberPurpose = View["NumberPurpose"];

export type AttachmentView = View["AttachmentView"];
export type NoteView = View["NoteView"];
export type CaseType = View["CaseType"];
export type CaseState = View["CaseState"];
export type CaseView = View["CaseView"];
export type CaseAction = View["CaseAction"];
export type OfferView = View["OfferView"];
export type StepView = View["StepView"];
export type ReplyView = View["ReplyView"];
export type CallbackView = View["CallbackView"];
export type AssignmentView = View["AssignmentView"];
export type CaseRow = View["CaseRow"];
export type SimilarCase = View["SimilarCase"];
export type SimilarQuestion = View["SimilarQuestion"];
export type CaseDraft = View["CaseDraft"];
export type CasePatch = View["CaseChange"];
/** What an agent writes. */
export type CaseFields = Pick<
  CaseView,
  | "type"
  | "life_cycle_stage"
  | "urgency"
  | "title"
  | "content"
  | "unit_complained_of"
  | "complaint_type"
  | "demand"
  | "place"
  | "occurred_at"
  | "confidential"
  | "enterprise_id"
  | "contact_id"
  | "callback_number"
  | "anonymous"
  | "needs_reply"
  | "needs_callback"
  | "item_id"
  | "unit_complained_of_id"
  | "sms_agreed"
>;
/** What a caller may know of their case. */
export type ProgressView = View["ProgressView"];
export type NotAccepted = View["NotAccepted"];
export type NotAcceptedReason = View["Reason"];
export type EmergencyService = View["EmergencyService"];
export type DirectAnswer = View["DirectAnswer"];

export type UnitView = View["UnitView"];
export type SpecialistView = View["SpecialistView"];

export type AgentView = View["AgentStateView"];
export type PhoneKind = View["Phone"];
export type CallView = View["CallView"];
export type ThreewayView = View["ThreewayView"];
export type QueueView = View["LiveQueueView"];
export type ErrorView = View["ErrorView"];
export type WorkspaceMessage = View["WorkspaceMessage"];
export type WorkspaceCommand = View["WorkspaceCommand"];
export type ScreenPop = View["ScreenPopView"];
export type Candidate = View["Candidate"];
export type EarlierCall = View["EarlierCallView"];

export type Outcome = View["Outcome"];
export type CallRow = View["CallRow"];
export type CallDetail = View["CallDetail"];
export type Side = View["Side"];
export type CallFilter = NonNullable<paths["/api/calls"]["get"]["parameters"]["query"]>;

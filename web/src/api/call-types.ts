/** The call log. */
import type { PathStep } from "./desk-types";

export type Outcome =
  | "answered"
  | "abandoned_menu"
  | "abandoned_queue"
  | "voicemail"
  | "out_of_hours"
  | "safe_flow"
  | "failed"
  | "live";
export interface CallRow {
  call_id: string;
  started_at: string;
  caller_number: string;
  caller_name: string;
  enterprise_name: string | null;
  queue: string | null;
  outcome: Outcome;
  agents: string[];
  waited_seconds: number | null;
  talk_seconds: number | null;
  survey: number | null;
  has_recording: boolean;
  case_numbers: string[];
}
export type Side = "mix" | "caller" | "agent";
export interface Attempt {
  agent: string;
  rang_at: string;
  answered_at: string | null;
  result: string;
  rang_seconds: number | null;
}
export interface CallDetail extends CallRow {
  dialed: string;
  entry: string;
  flow: string | null;
  flow_version: number | string | null;
  path: PathStep[];
  queued_at: string | null;
  attempts: Attempt[];
  answered_at: string | null;
  ended_at: string | null;
  hold_seconds: number | null;
  ended_by: string | null;
  cause: string | null;
  threeway: { specialist: string; unit: string; at: string; result: string }[];
  recording: { seconds: number; sides: Side[] } | null;
  cases: { id: string; number: string; title: string; state: string }[];
}
export interface Peaks {
  seconds: number;
  peaks: number[];
}
export interface CallFilter {
  from?: string;
  to?: string;
  search?: string;
  queue?: string;
  agent?: string;
  outcome?: string;
  survey?: number;
  limit?: number;
  cursor?: string;
}

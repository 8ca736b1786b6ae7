/** What the workspace's socket carries. */
export type AgentState = "offline" | "ready" | "ringing" | "talking" | "wrap_up" | "paused" | "own_call";
export type PhoneKind = "browser" | "desk_phone";
export interface AgentView {
  number: string;
  name: string;
  state: AgentState;
  since: string;
  /** What comes when the present call and its wrap-up are over. */
  wanted: "ready" | "paused" | "off";
  /** The reason where `wanted` is paused. */
  pause_reason: string | null;
  phone: PhoneKind;
  phone_registered: boolean;
  why_not_ready: string[];
  wrap_up_until: string | null;
  queues: string[];
}

export type CallState = "ringing" | "talking" | "held" | "wrap_up" | "ended";
export interface Named {
  id: string;
  name: string;
}
export interface PathStep {
  at: string;
  node: string;
  label: string;
  digits: string | null;
}
export type ThreewayState = "consult_ringing" | "consulting" | "merging" | "merged" | "toggled" | "returning" | "without_caller" | "without_agent" | "ended";
export interface ThreewayView {
  state: ThreewayState;
  with_caller: boolean;
  specialist: { id: string; name: string; unit_name: string } | null;
  since: string;
  error: { code: string; detail: string } | null;
}
export interface CallView {
  call_id: string;
  state: CallState;
  caller: { number: string; name: string };
  entry: string;
  queue: string;
  queued_at: string | null;
  rang_at: string | null;
  answered_at: string | null;
  ended_at: string | null;
  enterprise: Named | null;
  contact: Named | null;
  path: PathStep[];
  threeway: ThreewayView | null;
  /** Whether caller, agent and specialist have spoken together: then the case can be answered directly. */
  specialist_joined: boolean;
  recording: boolean;
  survey: number | null;
}
export interface QueueView {
  name: string;
  label_zh: string;
  label_en: string;
  waiting: number;
  longest_wait_since: string | null;
  ready: number;
  talking: number;
}

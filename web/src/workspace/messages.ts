import type { AgentView, CallView, PhoneKind, QueueView, ScreenPop } from "../api/types";

/** What the workspace socket sends. `agent`, `call` and `queues` carry whole objects, so any of them may be lost or repeated. */
export type ServerMessage =
  | {
      type: "snapshot";
      seq: number;
      boot: string;
      server_time: string;
      /** Null for an account that is no agent. */
      agent: AgentView | null;
      call: CallView | null;
      queues: QueueView[];
    }
  | { type: "agent"; seq: number; agent: AgentView }
  | { type: "call"; seq: number; call: CallView | null }
  | { type: "queues"; seq: number; queues: QueueView[] }
  /** Comes by itself after each ring; null where the page has to ask. */
  | { type: "pop"; seq: number; call_id: string; pop: ScreenPop | null }
  /** Something that this page has no use for (a newer service may say more), but that counts. */
  | { type: "other"; seq: number }
  | { type: "reply"; id: string; ok: true }
  | { type: "reply"; id: string; ok: false; error: { error_id: string; title: string; detail: string } };

/** What the workspace asks of the service. */
export type Command =
  | { command: "sign_in"; phone: PhoneKind }
  | { command: "sign_out" }
  | { command: "ready" }
  | { command: "pause"; reason: string }
  | { command: "finish_wrap_up" }
  | { command: "extend_wrap_up" }
  | { command: "hang_up" }
  | { command: "reconnect" }
  | { command: "consult"; specialist_id: string; phone_index: number }
  | { command: "cancel_consult" }
  | { command: "merge" }
  | { command: "toggle" }
  | { command: "drop"; leg: "specialist" | "caller" }
  | { command: "leave" }
  | { command: "resync" };

const KINDS = new Set(["snapshot", "agent", "call", "queues", "pop", "reply"]);

/** Reads one frame; null for what is no message. */
export function readMessage(frame: string): ServerMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { type, seq } = value as { type?: unknown; seq?: unknown };
  if (typeof type === "string" && KINDS.has(type)) return value as ServerMessage;
  return typeof seq === "number" ? { type: "other", seq } : null;
}

import type { WorkspaceCommand, WorkspaceMessage } from "../api/types";

/** A message that this page has no use for (a newer service may send more), but that counts. */
interface OtherMessage {
  type: "other";
  seq: number;
}

/** `agent`, `call` and `queues` carry whole objects, so any of them may be lost or repeated. */
export type ServerMessage = WorkspaceMessage | OtherMessage;

type WithoutId<T> = T extends unknown ? Omit<T, "id"> : never;

/** What the workspace asks of the service; the socket numbers it. */
export type Command = WithoutId<WorkspaceCommand>;

const KINDS: Record<WorkspaceMessage["type"], true> = {
  snapshot: true,
  agent: true,
  call: true,
  pop: true,
  queues: true,
  reply: true,
};

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
  if (typeof type === "string" && Object.hasOwn(KINDS, type)) return value as WorkspaceMessage;
  return typeof seq === "number" ? { type: "other", seq } : null;
}

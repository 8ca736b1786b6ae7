import type { AgentView, CallView, ErrorView, QueueView, ScreenPop } from "../api/types";
import type { ServerMessage } from "./messages";

/** `connecting` is the first try; `lost` a link that was there and is being made again; `refused` needs a person. */
export type Link = "connecting" | "open" | "lost" | "refused";

/** `pop` is null while the service cannot read it, for `error`; it comes as soon as it can. */
export interface Popped {
  call_id: string;
  pop: ScreenPop | null;
  error: ErrorView | null;
}

export interface WorkspaceState {
  link: Link;
  boot: string | null;
  seq: number;
  /** Server clock minus this machine's, in milliseconds. */
  clockOffset: number;
  agent: AgentView | null;
  call: CallView | null;
  queues: QueueView[];
  /** The last screen pop that came. */
  popped: Popped | null;
  /** Counts restarts of the service seen by this page: what was cached from before is stale. */
  restarts: number;
}

export type WorkspaceEvent =
  | { kind: "opened" }
  | { kind: "closed" }
  | { kind: "refused" }
  | { kind: "message"; message: ServerMessage; now: number };

export const START: WorkspaceState = {
  link: "connecting",
  boot: null,
  seq: -1,
  clockOffset: 0,
  agent: null,
  call: null,
  queues: [],
  popped: null,
  restarts: 0,
};

/** The whole life of the workspace's picture of the world. An older message never overwrites a newer one. */
export function reduce(state: WorkspaceState, event: WorkspaceEvent): WorkspaceState {
  switch (event.kind) {
    case "opened":
      // Not yet "open": the link counts once the snapshot is here.
      return state;
    case "closed":
      return { ...state, link: state.boot === null ? "connecting" : "lost" };
    case "refused":
      return { ...state, link: "refused" };
    case "message":
      return receive(state, event.message, event.now);
  }
}

/** Whether messages before this one are missing, for they are numbered one by one: a new snapshot mends it. */
export function missed(state: WorkspaceState, message: ServerMessage): boolean {
  if (message.type === "reply" || message.type === "snapshot") return false;
  return state.link === "open" && message.seq > state.seq + 1;
}

function receive(state: WorkspaceState, message: ServerMessage, now: number): WorkspaceState {
  if (message.type === "reply") return state;
  if (message.type === "snapshot") {
    const restarted = state.boot !== null && state.boot !== message.boot;
    const serverTime = Date.parse(message.server_time);
    return {
      link: "open",
      boot: message.boot,
      seq: message.seq,
      clockOffset: Number.isNaN(serverTime) ? state.clockOffset : serverTime - now,
      agent: message.agent,
      call: message.call,
      queues: message.queues,
      popped: message.pop ? { call_id: message.pop.call_id, pop: message.pop, error: null } : state.popped,
      restarts: state.restarts + (restarted ? 1 : 0),
    };
  }
  // Before the snapshot there is nothing to apply to; at or below `seq` it is old.
  if (state.link !== "open" || message.seq <= state.seq) return state;
  const next = { ...state, seq: message.seq };
  switch (message.type) {
    case "agent":
      return { ...next, agent: message.agent };
    case "call":
      return { ...next, call: message.call };
    case "queues":
      return { ...next, queues: message.queues };
    case "pop":
      return { ...next, popped: popped(state.popped, message) };
    case "other":
      return next;
  }
}

/** A pop that cannot be read again is worth more than none. */
function popped(before: Popped | null, { call_id, pop, error }: Popped): Popped {
  return pop === null && before?.call_id === call_id && before.pop !== null ? before : { call_id, pop, error };
}

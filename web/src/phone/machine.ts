/** What a softphone is doing, as a table. Pure: the adapter reports, this decides what is so. */

export type Registration = "off" | "connecting" | "registered" | "lost" | "refused";
export type LegStatus = "none" | "incoming" | "answering" | "dialing" | "talking";
export type LegEvent = "rang" | "dialled" | "picked_up" | "connected" | "closed";

export const TRANSITIONS: Record<LegStatus, Partial<Record<LegEvent, LegStatus>>> = {
  none: { rang: "incoming", dialled: "dialing" },
  incoming: { picked_up: "answering", closed: "none" },
  answering: { connected: "talking", closed: "none" },
  dialing: { connected: "talking", closed: "none" },
  talking: { closed: "none" },
};

/** What keeps the phone from working; each has its words in the texts. */
export type Trouble =
  | "microphone_denied"
  | "microphone_missing"
  | "microphone_busy"
  | "insecure_page"
  | "no_webrtc"
  | "media_failed"
  | "busy"
  | "rejected"
  | "unreachable"
  | "refused"
  | "connect_timeout"
  | "hold_failed"
  | "resume_failed"
  | "hold_unanswered";

export interface PhoneState {
  registration: Registration;
  leg: LegStatus;
  remote: string;
  muted: boolean;
  /** The other side has agreed to the hold: it hears music. */
  held: boolean;
  /** A hold or a resume was asked for and is not answered yet. */
  holdPending: boolean;
  connectedAt: number | null;
  /** How many legs this page has talked on: after a reload it is 0 while the service still has the call. */
  talks: number;
  trouble: Trouble | null;
  /** Whether the microphone is open; while a leg starts without it, the browser is asking the person. */
  microphone: boolean;
  /** The browser plays no sound before somebody touches the page. */
  soundBlocked: boolean;
}

export type PhoneEvent =
  | { kind: "registration"; registration: Registration }
  | { kind: "leg"; event: LegEvent; at: number; remote?: string }
  | { kind: "muted"; on: boolean }
  | { kind: "hold_requested" }
  | { kind: "held"; on: boolean; trouble: Trouble | null }
  | { kind: "trouble"; trouble: Trouble | null }
  | { kind: "microphone"; open: boolean }
  | { kind: "sound"; blocked: boolean };

export const SILENT: PhoneState = {
  registration: "off",
  leg: "none",
  remote: "",
  muted: false,
  held: false,
  holdPending: false,
  connectedAt: null,
  talks: 0,
  trouble: null,
  microphone: false,
  soundBlocked: false,
};

const QUIET = { remote: "", muted: false, held: false, holdPending: false, microphone: false, connectedAt: null };

/** A report that does not fit the present state came too late (both sides hang up at once) and changes nothing. */
export function reducePhone(state: PhoneState, event: PhoneEvent): PhoneState {
  switch (event.kind) {
    case "registration":
      return { ...state, registration: event.registration };
    case "muted":
      return state.leg === "none" ? state : { ...state, muted: event.on };
    case "hold_requested":
      return state.leg === "talking" ? { ...state, holdPending: true, trouble: null } : state;
    case "held":
      return state.leg === "talking" ? { ...state, held: event.on, holdPending: false, trouble: event.trouble } : state;
    case "trouble":
      return { ...state, trouble: event.trouble };
    case "microphone":
      return { ...state, microphone: event.open };
    case "sound":
      return { ...state, soundBlocked: event.blocked };
    case "leg":
      return advance(state, event.event, event.at, event.remote);
  }
}

function advance(state: PhoneState, event: LegEvent, at: number, remote: string | undefined): PhoneState {
  const leg = TRANSITIONS[state.leg][event];
  if (leg === undefined) return state;
  const next = { ...state, leg, remote: remote ?? state.remote };
  switch (event) {
    case "rang":
    case "dialled":
      return { ...next, muted: false, held: false, holdPending: false, connectedAt: null, trouble: null };
    case "connected":
      return { ...next, connectedAt: at, talks: state.talks + 1 };
    case "closed":
      return { ...next, ...QUIET };
    case "picked_up":
      return next;
  }
}

import type { RTCSession } from "jssip/lib/RTCSession";

/**
 * Hold and resume by a re-INVITE whose failure leaves the call as it was (RFC 3261 14.1), around JsSIP 3.13.8.
 *
 * What JsSIP does instead, for a report upstream (lib/RTCSession.js, lib/Dialog.js, lib/Dialog/RequestSender.js):
 * 1. `hold()`, `unhold()` and `renegotiate()` pass a `failed` handler that calls `terminate()`: any 3xx-6xx answer, a 2xx
 *    without SDP, a timeout or a lost transport ends an established call. Expected: report the failure to the caller of
 *    `hold()`, restore `_localHold`, roll the local description back, and keep the session (481 alone ends the dialog).
 * 2. `hold()` emits "hold" before the INVITE is sent. Expected: once the 2xx is applied.
 * 3. After a 491, `DialogRequestSender` raises `request.cseq` but not the CSeq header, which is the text that is sent, nor
 *    the dialog's `_outgoing_ack_seqnum`: the peer sees the same CSeq again. It waits a fixed second instead of 2.1-4 s
 *    (owner of the Call-ID) or 0-2 s, and asks `isTerminated()`, which compares the undefined `_status`.
 * 4. `Dialog._checkInDialogRequest` answers a crossing re-INVITE 491 and then lets it through (no `return false`), so the
 *    offer is applied although it was refused.
 *
 * Each session gets its own `_sendReinvite` and `sendRequest` for the time of one re-INVITE; nothing is patched globally.
 */

/** `dropped` is a session whose link or peer gave no final answer; `busy` one with another offer under way. */
export type HoldOutcome = "done" | "rejected" | "dropped" | "busy";

interface Response {
  status_code: number;
}

interface RequestHandlers {
  onErrorResponse(response: Response): void;
  onDialogError(response: Response): void;
  onTransportError(): void;
  onRequestTimeout(): void;
}

interface OutgoingRequest {
  transaction: {
    eventHandlers: { onReceiveResponse(response: Response): void };
    /** Sends CANCEL where a provisional response was received, else nothing. */
    cancel(): void;
  };
}

interface ReinviteOptions {
  eventHandlers: { succeeded(): void; failed(response?: Response): void };
}

interface IncomingRequest {
  method: string;
  server_transaction?: { state: number };
}

/** The members of JsSIP's session that its types leave out. */
interface Internals {
  _localHold: boolean;
  _rtcReady: boolean;
  _sendReinvite(options: ReinviteOptions): void;
  sendRequest(method: string, options?: { eventHandlers: RequestHandlers }): OutgoingRequest;
  receiveRequest(request: IncomingRequest): void;
}

type Attempt = HoldOutcome | "glare";

/** JsSIP's transaction states COMPLETED and TERMINATED: a final answer was sent. */
const ANSWERED = new Set([5, 6]);

/** How long a press waits before it is reported as unanswered; the transaction itself lives on until its Timer B. */
export const ANSWER_MS = 8_000;

/**
 * Puts the call on hold (`on`) or resumes it; resolves once the peer's answer is applied or the session is as before.
 * `onSlow` is called when there is no answer after ANSWER_MS. Never ends the call, save where the peer has lost it (481).
 */
export async function setHold(session: RTCSession, on: boolean, onSlow: () => void): Promise<HoldOutcome> {
  const first = await reinvite(session, on, onSlow);
  if (first !== "glare") return first;
  await new Promise((resolve) => setTimeout(resolve, glareDelay((session.direction as string) === "outgoing", Math.random())));
  if (session.isEnded()) return "dropped";
  const second = await reinvite(session, on, onSlow);
  return second === "glare" ? "rejected" : second;
}

/** Milliseconds to wait after a 491 (RFC 3261 14.1), in units of ten; `random` is in [0, 1). */
export function glareDelay(ownsCallId: boolean, random: number): number {
  return ownsCallId ? 2_100 + 10 * Math.floor(random * 191) : 10 * Math.floor(random * 201);
}

/** Drops a re-INVITE or UPDATE that JsSIP has refused already (4 above). */
export function ignoreRefusedOffers(session: RTCSession): void {
  const inner = session as unknown as Internals;
  const receive = inner.receiveRequest.bind(inner);
  inner.receiveRequest = (request) => {
    const offer = request.method === "INVITE" || request.method === "UPDATE";
    if (!(offer && ANSWERED.has(request.server_transaction?.state ?? 0))) receive(request);
  };
}

function reinvite(session: RTCSession, on: boolean, onSlow: () => void): Promise<Attempt> {
  const inner = session as unknown as Internals;
  const proto = Object.getPrototypeOf(inner) as Internals;
  return new Promise((resolve) => {
    let slow: ReturnType<typeof setTimeout> | undefined;
    const finish = (outcome: Attempt) => {
      clearTimeout(slow);
      Reflect.deleteProperty(inner, "_sendReinvite");
      Reflect.deleteProperty(inner, "sendRequest");
      resolve(outcome);
    };
    let pending = true;
    const undo = (outcome: Attempt) => {
      if (!pending) return;
      pending = false;
      inner._localHold = !on;
      inner._rtcReady = true;
      void rollBack(session).then(() => finish(outcome));
    };
    const done = () => {
      pending = false;
      finish("done");
    };
    const rejected = (response?: Response) => undo(response?.status_code === 491 ? "glare" : "rejected");
    inner._sendReinvite = (options) =>
      proto._sendReinvite.call(inner, { ...options, eventHandlers: { succeeded: done, failed: rejected } });
    inner.sendRequest = (method, options) => {
      if (method !== "INVITE" || options === undefined) return proto.sendRequest.call(inner, method, options);
      const handlers = options.eventHandlers;
      const request = proto.sendRequest.call(inner, method, {
        ...options,
        eventHandlers: {
          ...handlers,
          onTransportError: () => undo("dropped"),
          onRequestTimeout: () => undo("dropped"),
          onDialogError: (response) => (response.status_code === 481 ? handlers.onDialogError(response) : rejected(response)),
        },
      });
      const transaction = request.transaction;
      const received = transaction.eventHandlers;
      transaction.eventHandlers = {
        ...received,
        onReceiveResponse: (response) =>
          response.status_code === 491 ? rejected(response) : received.onReceiveResponse(response),
      };
      slow = setTimeout(() => {
        transaction.cancel();
        onSlow();
      }, ANSWER_MS);
      return request;
    };
    if (!(on ? session.hold() : session.unhold())) finish("busy");
  });
}

async function rollBack({ connection }: RTCSession): Promise<void> {
  if (connection.signalingState !== "have-local-offer") return;
  // A connection that was closed meanwhile has nothing to roll back.
  await connection.setLocalDescription({ type: "rollback" }).catch(() => undefined);
}

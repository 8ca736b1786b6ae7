import type { RTCSession } from "jssip/lib/RTCSession";
import { here, troubleOf } from "./causes";
import type { Trouble } from "./machine";
import { ignoreRefusedOffers } from "./reinvite";

/** Host candidates are there at once; a relay that does not answer must not hold up the call. */
const GATHERING_MS = 400;

/** What a leg reports while it lasts. */
export interface LegListener {
  stream(received: MediaStream): void;
  /** The INVITE of a dialled leg leaves. */
  sending(): void;
  connected(): void;
  /** JsSIP has opened the microphone again. */
  resumed(): void;
  /** The local description names no candidate: nothing would ever be heard. Called before it is sent. */
  noCandidates(): unknown;
  over(trouble: Trouble | null): void;
}

export function listenToLeg(session: RTCSession, incoming: boolean, listener: LegListener): void {
  ignoreRefusedOffers(session);
  const listen = (connection: RTCPeerConnection) =>
    connection.addEventListener("track", (event) => listener.stream(event.streams[0] ?? new MediaStream([event.track])));
  // A dialled session has its connection before it is told of; a ringing one gets it when it is answered.
  if (!incoming) listen(session.connection);
  else session.on("peerconnection", ({ peerconnection }) => listen(peerconnection));
  let gathering: ReturnType<typeof setTimeout> | undefined;
  session.on("icecandidate", ({ ready }) => (gathering ??= setTimeout(ready, GATHERING_MS)));
  session.on("sending", () => listener.sending());
  session.on("sdp", ({ originator, sdp }) => {
    // JsSIP looks at the state of the session again after this event, before it sends.
    if (here(originator) && !sdp.includes("a=candidate:")) queueMicrotask(() => listener.noCandidates());
  });
  session.on("confirmed", () => listener.connected());
  session.on("unhold", () => listener.resumed());
  session.on("ended", ({ cause }) => listener.over(troubleOf(cause)));
  session.on("failed", ({ cause, originator }) => {
    // A caller who gives up, and an agent who rejects, are no trouble.
    const ours = incoming || here(originator);
    const trouble = troubleOf(cause);
    listener.over(ours && trouble !== "media_failed" ? null : trouble);
  });
}

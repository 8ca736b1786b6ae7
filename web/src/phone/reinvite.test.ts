import JsSIP from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { Socket } from "jssip/lib/Socket";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANSWER_MS, glareDelay, setHold } from "./reinvite";

const SDP = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "m=audio 9 RTP/AVP 0", "a=sendrecv", ""].join("\r\n");
const header = (message: string, name: string) => new RegExp(`^${name}: *(.*)$`, "im").exec(message)?.[1]?.trim() ?? "";
const cseq = (message: string) => Number.parseInt(header(message, "CSeq"));

class Connection {
  signalingState = "stable";
  iceGatheringState = "complete";
  localDescription = { sdp: SDP };
  addEventListener() {}
  addTrack() {}
  close() {}
  getSenders = () => [];
  createOffer = () => Promise.resolve({ type: "offer", sdp: SDP });
  setLocalDescription({ type }: { type: string }) {
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
    return Promise.resolve();
  }
  setRemoteDescription() {
    this.signalingState = "stable";
    return Promise.resolve();
  }
}

/** The far end of JsSIP's transport: records what is sent, answers when told to. */
class Peer {
  readonly url = "wss://peer";
  readonly via_transport = "WSS";
  readonly sip_uri = "sip:peer;transport=ws";
  sent: string[] = [];
  up = true;
  onconnect = () => {};
  ondisconnect = () => {};
  ondata: (data: string) => void = () => {};
  connect() {
    this.onconnect();
  }
  disconnect() {}
  send(message: string) {
    if (this.up) this.sent.push(message);
    return this.up;
  }
  methods = () => this.sent.map((message) => message.split(" ")[0]);
  invites = () => this.sent.filter((message) => message.startsWith("INVITE"));
  answer(status: number, { body = status === 200 ? SDP : "" } = {}) {
    const request = this.invites().at(-1) ?? "";
    const to = header(request, "To");
    const lines = [
      `SIP/2.0 ${status} Answer`,
      ...["Via", "From", "Call-ID", "CSeq"].map((name) => `${name}: ${header(request, name)}`),
      `To: ${to.includes("tag=") ? to : `${to};tag=far`}`,
      "Contact: <sip:far@peer;transport=ws>",
      ...(body ? ["Content-Type: application/sdp"] : []),
      `Content-Length: ${body.length}`,
    ];
    this.ondata(`${lines.join("\r\n")}\r\n\r\n${body}`);
  }
}

let peer: Peer;
let session: RTCSession;
const flush = () => vi.advanceTimersByTimeAsync(0);

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("window", { RTCPeerConnection: Connection });
  vi.stubGlobal("RTCPeerConnection", Connection);
  vi.stubGlobal("RTCSessionDescription", class {});
  peer = new Peer();
  const ua = new JsSIP.UA({ sockets: [peer as unknown as Socket], uri: "sip:1002@peer", register: false, session_timers: false });
  ua.start();
  const mediaStream = { getTracks: () => [] } as unknown as MediaStream;
  session = ua.call("sip:far@peer", { mediaStream });
  await flush();
  peer.answer(200);
  await flush();
  expect(session.isEstablished()).toBe(true);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function pressed(on: boolean) {
  const slow = vi.fn();
  const outcome = setHold(session, on, slow);
  await flush();
  return { outcome, slow };
}

describe("a hold", () => {
  it.each([488, 408, 500])("answered %i leaves the call as it was, and a second press works", async (status) => {
    const { outcome } = await pressed(true);
    peer.answer(status);
    expect(await outcome).toBe("rejected");
    expect([session.isEstablished(), session.isOnHold().local, session.connection.signalingState]).toEqual([true, false, "stable"]);
    const again = await pressed(true);
    peer.answer(200);
    expect(await again.outcome).toBe("done");
    expect(peer.invites().at(-1)).toContain("a=sendonly");
    expect(session.isOnHold().local).toBe(true);
    expect(peer.methods()).not.toContain("BYE");
  });

  it("answered 200 without a session description does not end the call", async () => {
    const { outcome } = await pressed(true);
    peer.answer(200, { body: "" });
    expect(await outcome).toBe("rejected");
    expect(peer.methods().slice(-2)).toEqual(["INVITE", "ACK"]);
    expect(session.isEstablished()).toBe(true);
  });

  it("answered 481 ends the call: the other side knows it no longer", async () => {
    await pressed(true);
    peer.answer(481);
    await flush();
    expect(session.isEnded()).toBe(true);
  });

  it("answered 491 is sent once more with a higher CSeq after 2.1 to 4 s, by whom the Call-ID belongs to", async () => {
    const { outcome } = await pressed(true);
    peer.answer(491);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(peer.invites()).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2_000);
    const [, first = "", second = ""] = peer.invites();
    expect(cseq(second)).toBe(cseq(first) + 1);
    peer.answer(200);
    expect(await outcome).toBe("done");
    expect(cseq(peer.sent.at(-1) ?? "")).toBe(cseq(second));
    expect(peer.sent.at(-1)).toMatch(/^ACK /);
  });

  it("answered 491 twice is given up", async () => {
    const { outcome } = await pressed(true);
    peer.answer(491);
    await vi.advanceTimersByTimeAsync(4_000);
    peer.answer(491);
    expect(await outcome).toBe("rejected");
    expect([session.isEstablished(), session.isOnHold().local]).toEqual([true, false]);
  });

  it("that nobody answers is reported, and given up when the transaction ends", async () => {
    const { outcome, slow } = await pressed(true);
    await vi.advanceTimersByTimeAsync(ANSWER_MS);
    expect(slow).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(32_000);
    expect(await outcome).toBe("dropped");
    expect([session.isEstablished(), session.isOnHold().local]).toEqual([true, false]);
  });

  it("whose answer is late is taken", async () => {
    const { outcome } = await pressed(true);
    await vi.advanceTimersByTimeAsync(ANSWER_MS + 5_000);
    peer.answer(200);
    expect(await outcome).toBe("done");
  });

  it("that was begun and not finished (100) is cancelled", async () => {
    const { outcome } = await pressed(true);
    peer.answer(100);
    await vi.advanceTimersByTimeAsync(ANSWER_MS);
    expect(peer.methods().at(-1)).toBe("CANCEL");
    peer.answer(487);
    expect(await outcome).toBe("rejected");
    expect(session.isEstablished()).toBe(true);
  });

  it("on a lost link leaves the call", async () => {
    peer.up = false;
    const { outcome } = await pressed(true);
    expect(await outcome).toBe("dropped");
    expect([session.isEstablished(), session.isOnHold().local]).toEqual([true, false]);
  });
});

it("a resume that is refused leaves the call on hold", async () => {
  const held = await pressed(true);
  peer.answer(200);
  await held.outcome;
  const { outcome } = await pressed(false);
  peer.answer(500);
  expect(await outcome).toBe("rejected");
  expect([session.isEstablished(), session.isOnHold().local]).toEqual([true, true]);
});

it("waits after a 491 as RFC 3261 14.1 has it", () => {
  expect([glareDelay(true, 0), glareDelay(true, 0.9999)]).toEqual([2_100, 4_000]);
  expect([glareDelay(false, 0), glareDelay(false, 0.9999)]).toEqual([0, 2_000]);
});

import type { UA } from "jssip/lib/UA";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Agent, Ring } from "./fakeJssip";
import { CONNECT_MS, JsSipPhone } from "./jssip";

interface Track {
  enabled: boolean;
  stopped: boolean;
}

/** Every microphone that was opened, by its device. */
let opened: { device: string; track: Track }[];
/** Where set, opening one takes until it is called. */
let permit: (() => void)[] | null;
let agent: Agent;
let phone: JsSipPhone;

beforeEach(() => {
  opened = [];
  permit = null;
  vi.stubGlobal("window", { isSecureContext: true });
  vi.stubGlobal("RTCPeerConnection", class {});
  vi.stubGlobal("Audio", class {
    play = () => Promise.resolve();
  });
  vi.stubGlobal("navigator", {
    mediaDevices: {
      getUserMedia: async ({ audio }: { audio: { deviceId?: { exact: string } } }) => {
        if (permit !== null) await new Promise<void>((resolve) => permit?.push(resolve));
        const track = { enabled: true, stopped: false, stop: () => (track.stopped = true) };
        opened.push({ device: audio.deviceId?.exact ?? "", track });
        return { getTracks: () => [track], getAudioTracks: () => [track] };
      },
    },
  });
  agent = new Agent();
  phone = new JsSipPhone(() => agent as unknown as UA);
  phone.start({ wsUrl: "", uri: "sip:1002@workspace", username: "", password: "", iceServers: [], register: true });
});

afterEach(() => vi.unstubAllGlobals());

/** All that is waiting goes on. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

function ring({ givenBack = false } = {}): Ring {
  const session = new Ring();
  const request = { getHeader: (name: string) => (givenBack && name === "X-Hotline-Reconnect" ? "c1" : undefined) };
  agent.emit("newRTCSession", { session, request, originator: "remote" });
  return session;
}

async function talk(): Promise<Ring> {
  const session = ring();
  await phone.answer();
  session.emit("confirmed");
  return session;
}

describe("the call that the service gives back after a reload", () => {
  it("is answered by itself; others ring", async () => {
    const other = ring();
    await settle();
    expect([other.answered, phone.state.leg]).toEqual([false, "incoming"]);
    other.emit("failed", { cause: "Canceled", originator: "remote" });
    expect(ring({ givenBack: true }).ended).toBeNull();
    await settle();
    expect(phone.state.leg).toBe("answering");
  });

  it.each(["rings", "is being answered", "talks"])("comes before a colleague who %s", async (stage) => {
    const colleague = ring();
    if (stage === "is being answered") {
      permit = [];
      void phone.answer();
    } else if (stage === "talks") {
      await phone.answer();
      colleague.emit("confirmed");
    }
    const own = ring({ givenBack: true });
    expect(colleague.ended).toBe(stage === "talks" ? 0 : 486);
    permit?.forEach((resolve) => resolve());
    await settle();
    permit?.forEach((resolve) => resolve());
    await settle();
    expect([own.answered, own.ended]).toEqual([true, null]);
    own.emit("confirmed");
    expect(phone.state.leg).toBe("talking");
    expect(phone.sending).not.toBeNull();
    expect(opened.filter(({ track }) => !track.stopped)).toHaveLength(1);
  });

  it("is not cut off by another one like it, nor by anybody else", async () => {
    const own = ring({ givenBack: true });
    await settle();
    own.emit("confirmed");
    expect(ring({ givenBack: true }).ended).toBe(486);
    expect(ring().ended).toBe(486);
    expect([own.ended, phone.state.leg]).toEqual([null, "talking"]);
  });

  it("is the only one taken while it is waited for", async () => {
    phone.reserve(true);
    expect(ring().ended).toBe(486);
    expect(phone.state.leg).toBe("none");
    const own = ring({ givenBack: true });
    await settle();
    expect([own.answered, phone.state.leg]).toEqual([true, "answering"]);
    own.emit("failed", { cause: "Canceled", originator: "remote" });
    phone.reserve(false);
    expect(ring().ended).toBeNull();
    expect(phone.state.leg).toBe("incoming");
  });
});

describe("a call that finds no way through", () => {
  afterEach(() => vi.useRealTimers());

  it("is refused with a message ten seconds after the click", async () => {
    vi.useFakeTimers();
    const session = ring();
    await phone.answer();
    await vi.advanceTimersByTimeAsync(CONNECT_MS - 1);
    expect([session.ended, phone.state.leg]).toEqual([null, "answering"]);
    await vi.advanceTimersByTimeAsync(1);
    expect([session.ended, phone.state.leg, phone.state.trouble]).toEqual([480, "none", "connect_timeout"]);
    expect(opened.map(({ track }) => track.stopped)).toEqual([true]);
  });

  it("is limited no longer once it talks", async () => {
    vi.useFakeTimers();
    const session = ring();
    await phone.answer();
    session.emit("confirmed");
    await vi.advanceTimersByTimeAsync(2 * CONNECT_MS);
    expect([session.ended, phone.state.leg]).toEqual([null, "talking"]);
  });

  it("is refused at once where the browser has no candidate", async () => {
    const session = ring();
    await phone.answer();
    session.emit("sdp", { originator: "local", sdp: "v=0" });
    await settle();
    expect([session.ended, phone.state.leg, phone.state.trouble]).toEqual([480, "none", "media_failed"]);
  });

  it("is refused at once where the browser makes no connection, whoever calls", async () => {
    const session = ring();
    session.unusable = true;
    await phone.answer();
    expect([session.ended, phone.state.leg, phone.state.trouble]).toEqual([480, "none", "media_failed"]);
    await phone.call("12345");
    expect([phone.state.leg, phone.state.trouble, phone.sending]).toEqual(["none", "media_failed", null]);
  });
});

describe("another microphone in the middle of a talk", () => {
  const headset = { microphone: "headset", speaker: "", ringer: "" };

  it("is what the other side hears from then on, muted as the old one was", async () => {
    const session = await talk();
    phone.mute(true);
    await phone.useDevices(headset);
    expect(session.replaced).toEqual([opened[1]?.track]);
    expect(opened.map(({ device, track }) => [device, track.enabled, track.stopped])).toEqual([
      ["", false, true],
      ["headset", false, false],
    ]);
  });

  it("is closed again where the talk has ended while the browser asked for it", async () => {
    const session = await talk();
    permit = [];
    const chosen = phone.useDevices(headset);
    await settle();
    session.emit("ended", { cause: "Terminated", originator: "remote" });
    const next = ring();
    permit.forEach((resolve) => resolve());
    await chosen;
    expect(opened.map(({ track }) => track.stopped)).toEqual([true, true]);
    expect([phone.sending, phone.state.microphone, next.replaced]).toEqual([null, false, []]);
  });

  it("is closed again where the talk ended while the tracks were changed", async () => {
    const session = await talk();
    let swapped = () => {};
    session.swap = new Promise((resolve) => (swapped = resolve));
    const chosen = phone.useDevices(headset);
    await settle();
    session.emit("ended", { cause: "Terminated", originator: "remote" });
    swapped();
    await chosen;
    expect(opened.map(({ track }) => track.stopped)).toEqual([true, true]);
    expect([phone.sending, phone.state.microphone]).toEqual([null, false]);
  });

  it("leaves the old one where the browser does not take it", async () => {
    const session = await talk();
    session.swap = Promise.reject(new Error("closed"));
    await phone.useDevices(headset);
    expect(opened.map(({ track }) => track.stopped)).toEqual([false, true]);
  });

  it("is the last one chosen, whatever was chosen on the way", async () => {
    const session = await talk();
    permit = [];
    const first = phone.useDevices(headset);
    await settle();
    const second = phone.useDevices({ ...headset, microphone: "camera" });
    const third = phone.useDevices({ ...headset, microphone: "camera", speaker: "s" });
    await settle();
    permit.reverse().forEach((resolve) => resolve());
    await Promise.all([first, second, third]);
    expect(session.replaced).toHaveLength(1);
    expect(opened.filter(({ track }) => !track.stopped).map(({ device }) => device)).toEqual(["camera"]);
    expect(phone.sending?.getTracks()).toEqual([opened.find(({ device }) => device === "camera")?.track]);
  });
});

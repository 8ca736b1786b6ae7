import type { RTCSession } from "jssip/lib/RTCSession";
import type { UA, RTCSessionEvent } from "jssip/lib/UA";
import { here } from "./causes";
import { Earpiece } from "./earpiece";
import { listenToLeg } from "./leg";
import { type PhoneEvent, type LegStatus, type PhoneState, reducePhone, SILENT, type Trouble } from "./machine";
import { closeStream, MicrophoneError, openMicrophone } from "./microphone";
import { setHold } from "./reinvite";
import { watchRegistration } from "./registration";
import type { Devices, PhoneConfig, Softphone } from "./softphone";
import { userAgent } from "./userAgent";
import { sendDigit, Voice } from "./voice";

/** From the click: the person, and the caller, must hear soon that there is no way through. */
export const CONNECT_MS = 10_000;

/** The service marks the leg by which it gives a call back after a reload: that one alone is answered by itself. */
const RECONNECT_HEADER = "X-Hotline-Reconnect";

/** The only place that knows how JsSIP behaves; `connect` makes one. */
export class JsSipPhone implements Softphone {
  state: PhoneState = SILENT;
  receiving: MediaStream | null = null;

  private readonly listeners = new Set<() => void>();
  private readonly earpiece = new Earpiece((blocked) => {
    if (blocked !== this.state.soundBlocked) this.tell({ kind: "sound", blocked });
  });
  private readonly voice = new Voice(() => !this.state.muted && !this.state.held && !this.state.holdPending);
  private ua: UA | null = null;
  private session: RTCSession | null = null;
  private config: PhoneConfig | null = null;
  private devices: Devices = { microphone: "", speaker: "", ringer: "" };
  private unwatch = () => {};
  private limit: ReturnType<typeof setTimeout> | undefined;
  /** Only the leg that the service gives back is taken. */
  private reserved = false;
  /** The present leg is the one given back. */
  private givenBack = false;

  constructor(private readonly connect: (config: PhoneConfig) => UA = userAgent) {}

  get sending(): MediaStream | null {
    return this.voice.stream;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  start(config: PhoneConfig): void {
    this.stop();
    this.config = config;
    const ua = this.connect(config);
    this.ua = ua;
    this.unwatch = watchRegistration(ua, config.register, (registration) => {
      if (this.ua === ua) this.tell({ kind: "registration", registration });
    });
    ua.on("newRTCSession", (event: RTCSessionEvent) => this.adopt(ua, event));
    this.tell({ kind: "registration", registration: "connecting" });
    ua.start();
  }

  stop(): void {
    this.unwatch();
    const ua = this.ua;
    this.ua = null;
    if (this.session) this.release(this.session);
    ua?.stop();
    if (this.state.registration !== "off") this.tell({ kind: "registration", registration: "off" });
  }

  async call(target: string): Promise<void> {
    const ua = this.ua;
    if (!ua || this.session || this.state.leg !== "none") return;
    this.leg("dialled", target);
    const stream = await this.microphone();
    // It may have been given up while the browser asked for the microphone.
    if (!stream || this.legStatus() !== "dialing" || this.ua !== ua) {
      closeStream(stream);
      if (this.legStatus() === "dialing") this.leg("closed");
      return;
    }
    this.opened(stream);
    this.limitConnecting();
    const host = this.config?.uri.split("@")[1] ?? "";
    try {
      ua.call(`sip:${target}@${host}`, { mediaStream: stream, pcConfig: this.pcConfig() });
    } catch {
      this.voice.close();
      this.giveUp("media_failed");
    }
  }

  async answer(): Promise<void> {
    const session = this.session;
    if (!session || this.state.leg !== "incoming") return;
    this.leg("picked_up");
    this.limitConnecting();
    const stream = await this.microphone();
    if (this.session !== session) return closeStream(stream);
    if (!stream) return void session.terminate({ status_code: 480 });
    this.opened(stream);
    try {
      session.answer({ mediaStream: stream, pcConfig: this.pcConfig() });
    } catch {
      this.giveUp("media_failed");
    }
  }

  hangUp(): void {
    const refused = this.state.leg === "incoming" || this.state.leg === "answering";
    if (this.session) this.session.terminate(refused ? { status_code: 486 } : undefined);
    else this.leg("closed");
  }

  reserve(on: boolean): void {
    this.reserved = on;
  }

  hold(on: boolean): void {
    void this.switchHold(on);
  }

  mute(on: boolean): void {
    this.tell({ kind: "muted", on });
    this.voice.apply();
  }

  digit(digit: string): void {
    if (this.state.leg !== "talking") return;
    sendDigit(this.session, digit);
  }

  async useDevices(devices: Devices): Promise<void> {
    const microphoneChanged = devices.microphone !== this.devices.microphone;
    this.devices = devices;
    const session = this.session;
    await this.earpiece.use(devices.speaker);
    if (!microphoneChanged || !session || this.session !== session || !this.sending) return;
    const stream = await this.microphone();
    if (!stream) return;
    // While the browser asked, the leg may have ended or another microphone been chosen.
    if (this.session !== session || this.devices.microphone !== devices.microphone) return closeStream(stream);
    await this.voice.replace(session, stream, () => this.session === session);
  }

  unblockSound(): void {
    if (this.state.soundBlocked) this.earpiece.play();
  }

  private adopt(ua: UA, { session, request, originator }: RTCSessionEvent): void {
    const incoming = !here(originator);
    const givenBack = incoming && Boolean(request.getHeader(RECONNECT_HEADER));
    // A colleague who came in between gives way, whatever stage that is at: somebody waits in the call that comes back.
    if (this.ua === ua && givenBack && !this.givenBack && this.state.leg !== "none") this.hangUp();
    const refused = incoming && !givenBack && this.reserved;
    if (this.ua !== ua || refused || (this.session && this.session !== session)) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.session = session;
    this.givenBack = givenBack;
    listenToLeg(session, incoming, {
      stream: (received) => this.hear(received),
      sending: () => clearTimeout(this.limit),
      connected: () => this.leg("connected"),
      resumed: () => this.voice.apply(),
      noCandidates: () => this.session === session && this.state.leg !== "talking" && this.giveUp("media_failed"),
      over: (trouble) => this.release(session, trouble),
    });
    if (!incoming) return;
    this.leg("rang", session.remote_identity.uri.user);
    if (givenBack) void this.answer();
  }

  private async switchHold(on: boolean): Promise<void> {
    const session = this.session;
    if (!session || this.state.leg !== "talking" || this.state.holdPending || this.state.held === on) return;
    this.tell({ kind: "hold_requested" });
    const slow = () => this.session === session && this.tell({ kind: "trouble", trouble: "hold_unanswered" });
    const done = (await setHold(session, on, slow)) === "done";
    if (this.session !== session) return;
    this.tell({ kind: "held", on: done === on, trouble: done ? null : on ? "hold_failed" : "resume_failed" });
    this.voice.apply();
  }

  private hear(stream: MediaStream): void {
    this.receiving = stream;
    this.earpiece.hear(stream);
  }

  private async microphone(): Promise<MediaStream | null> {
    try {
      return await openMicrophone(this.devices.microphone);
    } catch (error) {
      this.tell({ kind: "trouble", trouble: error instanceof MicrophoneError ? error.trouble : "microphone_busy" });
      return null;
    }
  }

  private opened(stream: MediaStream): void {
    this.voice.open(stream);
    this.tell({ kind: "microphone", open: true });
  }

  private release(session: RTCSession, trouble: Trouble | null = null): void {
    if (this.session !== session) return;
    this.session = null;
    this.givenBack = false;
    this.voice.close();
    this.receiving = null;
    this.earpiece.silence();
    this.leg("closed");
    if (trouble) this.tell({ kind: "trouble", trouble });
  }

  /** The leg is connected (answered) or its INVITE sent (dialled) within CONNECT_MS, or given up. */
  private limitConnecting(): void {
    clearTimeout(this.limit);
    this.limit = setTimeout(() => this.giveUp("connect_timeout"), CONNECT_MS);
  }

  private giveUp(trouble: Trouble): void {
    if (this.session) this.session.terminate({ status_code: 480 });
    this.leg("closed");
    this.tell({ kind: "trouble", trouble });
  }

  private legStatus(): LegStatus {
    return this.state.leg;
  }

  private pcConfig(): RTCConfiguration {
    return { iceServers: this.config?.iceServers ?? [], rtcpMuxPolicy: "require" };
  }

  private leg(event: "rang" | "dialled" | "picked_up" | "connected" | "closed", remote?: string): void {
    if (event === "connected" || event === "closed") clearTimeout(this.limit);
    this.tell({ kind: "leg", event, at: Date.now(), remote });
  }

  private tell(event: PhoneEvent): void {
    const next = reducePhone(this.state, event);
    if (next === this.state) return;
    this.state = next;
    this.listeners.forEach((listener) => listener());
  }
}

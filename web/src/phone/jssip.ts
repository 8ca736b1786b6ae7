import type { RTCSession } from "jssip/lib/RTCSession";
import type { UA, RTCSessionEvent } from "jssip/lib/UA";
import { here, troubleOf } from "./causes";
import { Earpiece } from "./earpiece";
import { type PhoneEvent, type LegStatus, type PhoneState, reducePhone, SILENT, type Trouble } from "./machine";
import { closeStream, MicrophoneError, openMicrophone } from "./microphone";
import type { Devices, PhoneConfig, Softphone } from "./softphone";
import { userAgent } from "./userAgent";

/** Host candidates are there at once; a relay that does not answer must not hold up the call. */
const GATHERING_MS = 400;
const REGISTER_AGAIN_MS = 4_000;

/** The service marks the leg by which it gives a call back after a reload: that one alone is answered by itself. */
const RECONNECT_HEADER = "X-Hotline-Reconnect";

/** The only place that knows how JsSIP behaves; `connect` makes one. */
export class JsSipPhone implements Softphone {
  state: PhoneState = SILENT;
  sending: MediaStream | null = null;
  receiving: MediaStream | null = null;

  private readonly listeners = new Set<() => void>();
  private readonly earpiece = new Earpiece((blocked) => {
    if (blocked !== this.state.soundBlocked) this.tell({ kind: "sound", blocked });
  });
  private ua: UA | null = null;
  private session: RTCSession | null = null;
  private config: PhoneConfig | null = null;
  private devices: Devices = { microphone: "", speaker: "", ringer: "" };
  private again: ReturnType<typeof setTimeout> | undefined;
  /** Only the leg that the service gives back is taken. */
  private reserved = false;
  /** The present leg is the one given back. */
  private givenBack = false;

  constructor(private readonly connect: (config: PhoneConfig) => UA = userAgent) {}

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  start(config: PhoneConfig): void {
    this.stop();
    this.config = config;
    const ua = this.connect(config);
    this.ua = ua;
    const heard = (event: PhoneEvent) => this.ua === ua && this.tell(event);
    ua.on("connecting", () => heard({ kind: "registration", registration: "connecting" }));
    ua.on("connected", () => {
      if (!config.register) heard({ kind: "registration", registration: "registered" });
    });
    ua.on("disconnected", () => heard({ kind: "registration", registration: "lost" }));
    ua.on("registered", () => heard({ kind: "registration", registration: "registered" }));
    ua.on("registrationFailed", ({ cause, response }) => {
      const refused = response?.status_code === 401 || response?.status_code === 403;
      heard({ kind: "registration", registration: refused ? "refused" : "lost" });
      if (!refused && cause) this.registerAgain(ua);
    });
    ua.on("newRTCSession", (event: RTCSessionEvent) => this.adopt(ua, event));
    this.tell({ kind: "registration", registration: "connecting" });
    ua.start();
  }

  stop(): void {
    clearTimeout(this.again);
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
    const host = this.config?.uri.split("@")[1] ?? "";
    ua.call(`sip:${target}@${host}`, { mediaStream: stream, pcConfig: this.pcConfig() });
  }

  async answer(): Promise<void> {
    const session = this.session;
    if (!session || this.state.leg !== "incoming") return;
    this.leg("picked_up");
    const stream = await this.microphone();
    if (this.session !== session) return closeStream(stream);
    if (!stream) return void session.terminate({ status_code: 480 });
    this.opened(stream);
    session.answer({ mediaStream: stream, pcConfig: this.pcConfig() });
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
    const done = on ? this.session?.hold() : this.session?.unhold();
    if (done === false) this.tell({ kind: "held", on: this.state.held });
  }

  mute(on: boolean): void {
    this.sending?.getAudioTracks().forEach((track) => (track.enabled = !on));
    this.tell({ kind: "muted", on });
  }

  digit(digit: string): void {
    if (this.state.leg !== "talking") return;
    const sender = this.session?.connection.getSenders().find((s) => s.dtmf)?.dtmf;
    // Inserting replaces what is still to be sent: quick fingers must not lose a digit.
    if (sender?.canInsertDTMF) sender.insertDTMF(sender.toneBuffer + digit, 120, 70);
  }

  async useDevices(devices: Devices): Promise<void> {
    const microphoneChanged = devices.microphone !== this.devices.microphone;
    this.devices = devices;
    const session = this.session;
    await this.earpiece.use(devices.speaker);
    if (!microphoneChanged || !session || this.session !== session || !this.sending) return;
    const stream = await this.microphone();
    const track = stream?.getAudioTracks()[0];
    if (!stream || !track) return;
    // While the browser asked, the leg may have ended or another microphone been chosen.
    if (this.session !== session || this.devices.microphone !== devices.microphone) return closeStream(stream);
    track.enabled = !this.state.muted;
    const sender = session.connection.getSenders()[0];
    const taken = await sender?.replaceTrack(track).then(
      () => true,
      () => false,
    );
    if (!taken || this.session !== session) return closeStream(stream);
    closeStream(this.sending);
    this.opened(stream);
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
    const listen = (connection: RTCPeerConnection) =>
      connection.addEventListener("track", (event) => this.hear(event.streams[0] ?? new MediaStream([event.track])));
    // A dialled session has its connection before it is told of; a ringing one gets it when it is answered.
    if (!incoming) listen(session.connection);
    else session.on("peerconnection", ({ peerconnection }) => listen(peerconnection));
    let gathering: ReturnType<typeof setTimeout> | undefined;
    session.on("icecandidate", ({ ready }) => (gathering ??= setTimeout(ready, GATHERING_MS)));
    session.on("confirmed", () => this.leg("connected"));
    session.on("hold", ({ originator: who }) => here(who) && this.tell({ kind: "held", on: true }));
    session.on("unhold", ({ originator: who }) => here(who) && this.tell({ kind: "held", on: false }));
    session.on("ended", ({ cause }) => this.release(session, troubleOf(cause)));
    session.on("failed", ({ cause, originator: who }) => {
      // A caller who gives up, and an agent who rejects, are no trouble.
      const ours = incoming || here(who);
      const trouble = troubleOf(cause);
      this.release(session, ours && trouble !== "media_failed" ? null : trouble);
    });
    if (!incoming) return;
    this.leg("rang", session.remote_identity.uri.user);
    if (givenBack) void this.answer();
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
    this.sending = stream;
    // It may have been muted while the browser asked.
    stream.getAudioTracks().forEach((track) => (track.enabled = !this.state.muted));
    this.tell({ kind: "microphone", open: true });
  }

  private release(session: RTCSession, trouble: Trouble | null = null): void {
    if (this.session !== session) return;
    this.session = null;
    this.givenBack = false;
    closeStream(this.sending);
    this.sending = null;
    this.receiving = null;
    this.earpiece.silence();
    this.leg("closed");
    if (trouble) this.tell({ kind: "trouble", trouble });
  }

  private registerAgain(ua: UA): void {
    clearTimeout(this.again);
    this.again = setTimeout(() => {
      if (this.ua === ua && ua.isConnected()) ua.register();
    }, REGISTER_AGAIN_MS);
  }

  private legStatus(): LegStatus {
    return this.state.leg;
  }

  private pcConfig(): RTCConfiguration {
    return { iceServers: this.config?.iceServers ?? [], rtcpMuxPolicy: "require" };
  }

  private leg(event: "rang" | "dialled" | "picked_up" | "connected" | "closed", remote?: string): void {
    this.tell({ kind: "leg", event, at: Date.now(), remote });
  }

  private tell(event: PhoneEvent): void {
    const next = reducePhone(this.state, event);
    if (next === this.state) return;
    this.state = next;
    this.listeners.forEach((listener) => listener());
  }
}

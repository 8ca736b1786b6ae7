import JsSIP from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { UA, RTCSessionEvent } from "jssip/lib/UA";
import { here, troubleOf } from "./causes";
import { type PhoneEvent, type LegStatus, type PhoneState, reducePhone, SILENT, type Trouble } from "./machine";
import { closeStream, MicrophoneError, openMicrophone } from "./microphone";
import type { Devices, PhoneConfig, Softphone } from "./softphone";

/** Host candidates are there at once; a relay that does not answer must not hold up the call. */
const GATHERING_MS = 400;
const REGISTER_AGAIN_MS = 4_000;

/** The service marks the leg by which it gives a call back after a reload: that one alone is answered by itself. */
const RECONNECT_HEADER = "X-Hotline-Reconnect";

/** The only place that knows JsSIP. */
export class JsSipPhone implements Softphone {
  state: PhoneState = SILENT;
  sending: MediaStream | null = null;
  receiving: MediaStream | null = null;

  private readonly listeners = new Set<() => void>();
  private readonly speaker = new Audio();
  private ua: UA | null = null;
  private session: RTCSession | null = null;
  private config: PhoneConfig | null = null;
  private devices: Devices = { microphone: "", speaker: "", ringer: "" };
  private again: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.speaker.autoplay = true;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  start(config: PhoneConfig): void {
    this.stop();
    this.config = config;
    const ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(config.wsUrl)],
      uri: config.uri,
      authorization_user: config.username,
      password: config.password,
      register: config.register,
      register_expires: 120,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
      user_agent: "hotline-web",
    });
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
      this.leg("closed");
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
    if (this.session) this.session.terminate(this.state.leg === "incoming" ? { status_code: 486 } : undefined);
    else this.leg("closed");
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
    await this.speaker.setSinkId?.(devices.speaker).catch(() => undefined);
    if (!microphoneChanged || !this.session || !this.sending) return;
    const stream = await this.microphone();
    const track = stream?.getAudioTracks()[0];
    if (!stream || !track) return;
    track.enabled = !this.state.muted;
    await this.session.connection.getSenders()[0]?.replaceTrack(track);
    closeStream(this.sending);
    this.opened(stream);
  }

  unblockSound(): void {
    if (this.state.soundBlocked) this.play();
  }

  private adopt(ua: UA, { session, request, originator }: RTCSessionEvent): void {
    const incoming = !here(originator);
    const givenBack = incoming && Boolean(request.getHeader(RECONNECT_HEADER));
    // A colleague who rings in between is refused: somebody waits in the call that comes back.
    if (givenBack && this.state.leg === "incoming") this.hangUp();
    if (this.ua !== ua || (this.session && this.session !== session)) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.session = session;
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
    this.speaker.srcObject = stream;
    void this.speaker.setSinkId?.(this.devices.speaker).catch(() => undefined);
    this.play();
  }

  private play(): void {
    this.speaker.play().then(
      () => this.state.soundBlocked && this.tell({ kind: "sound", blocked: false }),
      (error: unknown) =>
        error instanceof DOMException && error.name === "NotAllowedError" && this.tell({ kind: "sound", blocked: true }),
    );
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
    this.tell({ kind: "microphone", open: true });
  }

  private release(session: RTCSession, trouble: Trouble | null = null): void {
    if (this.session !== session) return;
    this.session = null;
    closeStream(this.sending);
    this.sending = null;
    this.receiving = null;
    this.speaker.srcObject = null;
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

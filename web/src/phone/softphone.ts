import type { PhoneState } from "./machine";

export interface PhoneConfig {
  wsUrl: string;
  uri: string;
  username: string;
  password: string;
  iceServers: RTCIceServer[];
  /** A caller's browser dials without registering. */
  register: boolean;
}

/** A chosen device id; "" is the system's default. */
export interface Devices {
  microphone: string;
  speaker: string;
  ringer: string;
}

/**
 * The one way the pages use a phone in the browser. No method throws: what goes wrong becomes `state.trouble`.
 * A call rings until it is answered; only one that the service gives back after a reload is answered by itself.
 */
export interface Softphone {
  readonly state: PhoneState;
  subscribe(listener: () => void): () => void;
  /** Connects, and registers if asked. Calling it again replaces the connection. */
  start(config: PhoneConfig): void;
  /** Ends any call and unregisters; safe to call twice. */
  stop(): void;
  call(target: string): Promise<void>;
  answer(): Promise<void>;
  /** Rejects a ringing call, gives up a dialled one, ends a talk. */
  hangUp(): void;
  /** While on, only the call that the service gives back is taken; others hear that the agent is busy. */
  reserve(on: boolean): void;
  /** `state.held` follows once the other side has agreed; where it does not, the call goes on and `trouble` says so. */
  hold(on: boolean): void;
  mute(on: boolean): void;
  digit(digit: string): void;
  useDevices(devices: Devices): Promise<void>;
  /** After a touch of the page: lets the browser play what it held back. */
  unblockSound(): void;
  /** For level meters; null while there is no talk. */
  readonly sending: MediaStream | null;
  readonly receiving: MediaStream | null;
}

import type { RTCSession } from "jssip/lib/RTCSession";
import { closeStream } from "./microphone";

/** The open microphone of a leg. What is enabled follows `isHeard`, read again at each change. */
export class Voice {
  stream: MediaStream | null = null;

  constructor(private readonly isHeard: () => boolean) {}

  /** To be called after JsSIP has switched a track, and whenever `isHeard` changes. */
  apply(stream = this.stream): void {
    stream?.getAudioTracks().forEach((track) => (track.enabled = this.isHeard()));
  }

  open(stream: MediaStream): void {
    this.stream = stream;
    this.apply();
  }

  close(): void {
    closeStream(this.stream);
    this.stream = null;
  }

  /** Sends `stream` instead, where the browser takes it and `isWanted` still holds; else closes it. */
  async replace(session: RTCSession, stream: MediaStream, isWanted: () => boolean): Promise<boolean> {
    this.apply(stream);
    const sender = session.connection.getSenders()[0];
    const track = stream.getAudioTracks()[0] ?? null;
    const taken = await sender?.replaceTrack(track).then(
      () => true,
      () => false,
    );
    if (!taken || !isWanted()) {
      closeStream(stream);
      return false;
    }
    this.close();
    this.open(stream);
    return true;
  }
}

/** Inserting replaces what is still to be sent: quick fingers must not lose a digit. */
export function sendDigit(session: RTCSession | null, digit: string): void {
  const sender = session?.connection.getSenders().find((s) => s.dtmf)?.dtmf;
  if (sender?.canInsertDTMF) sender.insertDTMF(sender.toneBuffer + digit, 120, 70);
}

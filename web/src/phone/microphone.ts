import type { Trouble } from "./machine";

/** Why no microphone could be had, in the machine's words. */
export class MicrophoneError extends Error {
  readonly trouble: Trouble;
  constructor(trouble: Trouble) {
    super(trouble);
    this.name = "MicrophoneError";
    this.trouble = trouble;
  }
}

/** Whether this browser and this page can make calls at all; null when they can. */
export function cannotCall(): Trouble | null {
  if (!window.isSecureContext) return "insecure_page";
  if (typeof RTCPeerConnection === "undefined" || !("mediaDevices" in navigator)) return "no_webrtc";
  return null;
}

export function troubleOf(error: unknown): Trouble {
  // By its name alone: browsers reject with objects of other kinds too (OverconstrainedError, MediaStreamError).
  const name = typeof error === "object" && error !== null && "name" in error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "microphone_denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "microphone_missing";
  return "microphone_busy";
}

/** Opens the chosen microphone, or the default one when the chosen one is gone. Raises MicrophoneError. */
export async function openMicrophone(deviceId: string): Promise<MediaStream> {
  const unable = cannotCall();
  if (unable) throw new MicrophoneError(unable);
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  const open = (wanted: MediaTrackConstraints) => navigator.mediaDevices.getUserMedia({ audio: wanted, video: false });
  try {
    if (deviceId === "") return await open(audio);
    // Chromium weighs an "ideal" device lower than its own default.
    return await open({ ...audio, deviceId: { exact: deviceId } }).catch((error: unknown) => {
      if (troubleOf(error) === "microphone_missing") return open(audio);
      throw error;
    });
  } catch (error) {
    throw new MicrophoneError(troubleOf(error));
  }
}

export function closeStream(stream: MediaStream | null): void {
  stream?.getTracks().forEach((track) => track.stop());
}

/** The loudness of `stream`, 0 to 1, asked for as often as the screen needs it. Call `close` when done. */
export function levelMeter(stream: MediaStream): { level: () => number; close: () => void } {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const level = () => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, s) => sum + s * s, 0) / samples.length;
    // -50 dB is silence in a room with people, -10 dB somebody close to the microphone.
    const decibel = 10 * Math.log10(power + 1e-10);
    return Math.min(1, Math.max(0, (decibel + 50) / 40));
  };
  return { level, close: () => void context.close() };
}

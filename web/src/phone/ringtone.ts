/** The bell: two soft notes and a pause, made once and looped by the audio engine: a background tab's timers are too slow to ring. */
const NOTES = [
  { at: 0, hz: 784, seconds: 0.42 },
  { at: 0.22, hz: 988, seconds: 0.55 },
  { at: 0.9, hz: 784, seconds: 0.42 },
  { at: 1.12, hz: 988, seconds: 0.55 },
];
const LOOP_SECONDS = 3.2;
const RATE = 24_000;

/** The ring as samples, -1 to 1. */
export function ringSamples(): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(Math.round(LOOP_SECONDS * RATE));
  for (const note of NOTES) {
    const count = Math.round(note.seconds * RATE);
    for (let i = 0; i < count; i++) {
      const t = i / RATE;
      const fade = Math.min(1, t / 0.015) * Math.exp(-5 * t) * Math.min(1, (count - i) / (0.02 * RATE));
      const tone = Math.sin(2 * Math.PI * note.hz * t) + 0.25 * Math.sin(4 * Math.PI * note.hz * t);
      const index = Math.round(note.at * RATE) + i;
      samples[index] = (samples[index] ?? 0) + 0.35 * fade * tone;
    }
  }
  return samples;
}

const RINGBACK = { hz: 450, onSeconds: 1, loopSeconds: 5, level: 0.12, fadeSeconds: 0.01 };

/** What a caller in China hears while it rings over there: 450 Hz, a second on and four off (GB/T 3380); softer than a voice. */
export function ringbackSamples(): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(RINGBACK.loopSeconds * RATE);
  const count = RINGBACK.onSeconds * RATE;
  for (let i = 0; i < count; i++) {
    const fade = Math.min(1, i / (RINGBACK.fadeSeconds * RATE), (count - i) / (RINGBACK.fadeSeconds * RATE));
    samples[i] = RINGBACK.level * fade * Math.sin((2 * Math.PI * RINGBACK.hz * i) / RATE);
  }
  return samples;
}

/** A sound that repeats. */
export interface Ringer {
  /** Rings until stopped; resolves to false when the browser holds the sound back. */
  start(deviceId: string): Promise<boolean>;
  stop(): void;
  /** To be called while the page is being touched. */
  unblock(): void;
}

type SinkContext = AudioContext & { setSinkId?: (id: string) => Promise<void> };

/** Plays what `draw` gives over and over; it is drawn when it is first needed. */
export function makeRinger(draw: () => Float32Array<ArrayBuffer>): Ringer {
  let context: SinkContext | null = null;
  let samples: Float32Array<ArrayBuffer> | null = null;
  let source: AudioBufferSourceNode | null = null;

  function stop() {
    source?.stop();
    source?.disconnect();
    source = null;
  }

  return {
    async start(deviceId) {
      stop();
      context ??= new AudioContext() as SinkContext;
      samples ??= draw();
      const buffer = context.createBuffer(1, samples.length, RATE);
      buffer.copyToChannel(samples, 0);
      source = context.createBufferSource();
      source.buffer = buffer;
      source.loop = true;
      source.connect(context.destination);
      source.start();
      // A ringer that was unplugged is no reason to stay silent: the default rings instead.
      await context.setSinkId?.(deviceId).catch(() => undefined);
      void context.resume();
      return context.state === "running";
    },
    stop,
    unblock() {
      void context?.resume();
    },
  };
}

const HEADER = 44;
const FULL = 32767;

/** Mono samples in −1…1 as a 16-bit WAV file, which every decoder reads; a browser's own format is not. */
export function toWav(samples: Float32Array, rate: number): Blob {
  const data = new DataView(new ArrayBuffer(HEADER + samples.length * 2));
  const words = (at: number, text: string) => [...text].forEach((letter, offset) => data.setUint8(at + offset, letter.charCodeAt(0)));
  words(0, "RIFF");
  data.setUint32(4, HEADER - 8 + samples.length * 2, true);
  words(8, "WAVEfmt ");
  data.setUint32(16, 16, true);
  data.setUint16(20, 1, true);
  data.setUint16(22, 1, true);
  data.setUint32(24, rate, true);
  data.setUint32(28, rate * 2, true);
  data.setUint16(32, 2, true);
  data.setUint16(34, 16, true);
  words(36, "data");
  data.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, at) => data.setInt16(HEADER + at * 2, Math.round(Math.max(-1, Math.min(1, sample)) * FULL), true));
  return new Blob([data.buffer], { type: "audio/wav" });
}

/** What the browser has recorded, in whichever format it likes, as a mono WAV. */
export async function decodeToWav(recorded: Blob): Promise<Blob> {
  const context = new AudioContext();
  try {
    const sound = await context.decodeAudioData(await recorded.arrayBuffer());
    const mono = new Float32Array(sound.length);
    for (let channel = 0; channel < sound.numberOfChannels; channel++) {
      sound.getChannelData(channel).forEach((sample, at) => (mono[at] = (mono[at] ?? 0) + sample / sound.numberOfChannels));
    }
    return toWav(mono, sound.sampleRate);
  } finally {
    await context.close();
  }
}

import { describe, expect, it } from "vitest";
import { ringbackSamples } from "./ringtone";

describe("the ringback tone", () => {
  const samples = ringbackSamples();
  const rate = samples.length / 5;

  it("is 450 Hz for a second", () => {
    let waves = 0;
    for (let i = 1; i < rate; i++) if ((samples[i - 1] ?? 0) < 0 && (samples[i] ?? 0) >= 0) waves++;
    expect(Math.abs(waves - 450)).toBeLessThanOrEqual(1);
  });

  it("is still for the other four, and begins and ends without a click", () => {
    expect(samples.subarray(rate).every((sample) => sample === 0)).toBe(true);
    expect(Math.abs(samples[1] ?? 1)).toBeLessThan(0.001);
    expect(Math.abs(samples[rate - 1] ?? 1)).toBeLessThan(0.001);
  });

  it("stays softer than a voice", () => {
    expect(Math.max(...samples.subarray(0, rate))).toBeLessThan(0.15);
  });
});

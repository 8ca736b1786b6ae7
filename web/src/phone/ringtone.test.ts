import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeRinger, ringbackSamples, ringSamples } from "./ringtone";

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

describe("the bell", () => {
  /** What the browser was told, in order. */
  let told: string[];
  let held: boolean;

  class Context {
    destination = {};
    state = held ? "suspended" : "running";
    createBuffer = (_: number, length: number, rate: number) => ({ copyToChannel: () => told.push(`${length / rate} s`) });
    createBufferSource() {
      const source = { loop: false, connect: () => undefined, disconnect: () => undefined, stop: () => told.push("stop") };
      return Object.assign(source, { start: () => told.push(source.loop ? "rings on" : "rings once") });
    }
    setSinkId = (id: string) => {
      if (id === "unplugged") return Promise.reject(new DOMException("", "NotFoundError"));
      return Promise.resolve(told.push(`at ${id}`));
    };
    resume = () => Promise.resolve(told.push("resumed"));
  }

  beforeEach(() => {
    told = [];
    held = false;
    vi.stubGlobal("AudioContext", Context);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("rings at its device until it is stopped, and again", async () => {
    const bell = makeRinger(ringSamples);
    expect(await bell.start("speaker")).toBe(true);
    bell.stop();
    bell.stop();
    expect(await bell.start("speaker")).toBe(true);
    expect(told).toEqual(["3.2 s", "rings on", "at speaker", "resumed", "stop", "3.2 s", "rings on", "at speaker", "resumed"]);
  });

  it("never rings twice at once", async () => {
    const bell = makeRinger(ringSamples);
    await bell.start("");
    await bell.start("speaker");
    expect(told.filter((one) => one === "rings on" || one === "stop")).toEqual(["rings on", "stop", "rings on"]);
  });

  it("rings somewhere when its device was unplugged, and says when the browser holds it back", async () => {
    held = true;
    const bell = makeRinger(ringSamples);
    expect(await bell.start("unplugged")).toBe(false);
    expect(told).toContain("rings on");
    bell.unblock();
    expect(told.at(-1)).toBe("resumed");
  });
});

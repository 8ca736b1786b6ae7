import { expect, test } from "vitest";
import { addressOf, idOf, type Prompt, type PromptSound, statesOf } from "./states";
import { toWav } from "./wav";

const SOUND: PromptSound = {
  language: "zh", version: 0, text: "您好。", spoken: "您好。", source: "speech", voice: "x", licensed: true, current: true,
  seconds: 1, level: -20, peak: -4, loudness: "ok", by: "", at: null,
};
const prompt = (changed: Partial<PromptSound>, more: Partial<Prompt> = {}): Prompt => ({
  id: "welcome", own: false, sounds: [{ ...SOUND, ...changed }], uses: [{ kind: "flow", name: "enterprise", title: "", node: "welcome", label: "", versions: ["live"] }],
  ...more,
});

test("a prompt that is as it should be has nothing to say", () => {
  expect(statesOf(prompt({}))).toEqual([]);
});

test.each([
  [{ source: "missing", licensed: false, loudness: null }, ["missing"]],
  [{ licensed: false }, ["unlicensed"]],
  [{ loudness: "quiet" }, ["loudness"]],
  [{ source: "recording", current: false }, ["stale", "recorded"]],
] as const)("%j", (changed, states) => {
  expect(statesOf(prompt(changed))).toEqual(states);
});

test("one that nothing says is unused", () => {
  expect(statesOf(prompt({}, { uses: [], own: true }))).toEqual(["unused", "own"]);
});

test("an id has an address and back", () => {
  expect(addressOf("digits/7")).toBe("digits.7");
  expect(idOf(addressOf("digits/7"))).toBe("digits/7");
  expect(idOf("menu-main")).toBe("menu-main");
});

test("samples become a WAV, clipped and never wrapped", async () => {
  const data = new DataView(await toWav(new Float32Array([0, 2, -0.5]), 16000).arrayBuffer());
  expect(data.byteLength).toBe(50);
  expect(data.getUint32(24, true)).toBe(16000);
  expect([0, 1, 2].map((at) => data.getInt16(44 + at * 2, true))).toEqual([0, 32767, -16383]);
});

import { expect, it } from "vitest";
import { bars } from "./waveform";

it("keeps the loudest of each group, within bounds", () => {
  expect(bars([0.1, 0.9, 0.2, 0.3], 2)).toEqual([0.9, 0.3]);
  expect(bars([2, -0.5], 2)).toEqual([1, 0.5]);
});

it("never makes bars out of nothing", () => {
  expect(bars([], 10)).toEqual([]);
  expect(bars([0.5], 10)).toEqual([0.5]);
  expect(bars([0.5], 0)).toEqual([]);
});

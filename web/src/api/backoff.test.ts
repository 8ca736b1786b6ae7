import { expect, it } from "vitest";
import { backoff } from "./backoff";

it("starts quickly, doubles, and stays bounded", () => {
  expect(backoff(0, 0.999)).toBeLessThanOrEqual(500);
  expect(backoff(1, 0)).toBe(500);
  expect(backoff(3, 0)).toBe(2000);
  expect(backoff(99, 0.999)).toBeLessThanOrEqual(15_000);
});

it("spreads the tries, so that a restart is not met by every workspace at once", () => {
  expect(backoff(4, 0)).not.toBe(backoff(4, 0.9));
});

import { expect, test } from "vitest";
import { inHours } from "./inHours";

test("an end is counted from now", () => {
  expect(inHours(2, Date.UTC(2026, 11, 31, 23))).toBe("2027-01-01T01:00:00.000Z");
});

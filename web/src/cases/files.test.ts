import { expect, it } from "vitest";
import { bytes, refusal } from "./files";

it("refuses before sending what the service would refuse", () => {
  expect(refusal({ size: 10 }, 0, 20, 100)).toBeNull();
  expect(refusal({ size: 10 }, 20, 20, 100)?.errorId).toBe("attachment.too_many");
  expect(refusal({ size: 101 }, 0, 20, 100)?.errorId).toBe("file.too_large");
  expect(refusal({ size: 0 }, 0, 20, 100)?.errorId).toBe("attachment.broken");
});

it("says a size in few digits", () => {
  expect([0, 1500, 1024 * 1024 * 1.44].map(bytes)).toEqual(["1 kB", "1 kB", "1.4 MB"]);
});

import { describe, expect, it } from "vitest";
import { digitsOf, failureOf } from "./ask";

describe("what a caller typed", () => {
  it("keeps the digits alone", () => {
    expect(digitsOf(" 2603 02-00011-4 ")).toBe("260302000114");
    expect(digitsOf("２６０３０２")).toBe("260302");
    expect(digitsOf("<script>1</script>")).toBe("1");
    expect(digitsOf("9".repeat(99))).toHaveLength(15);
  });

  it("names what went wrong", () => {
    expect([404, 422, 429, 500, 0].map(failureOf)).toEqual(["notFound", "malformed", "tooMany", "unavailable", "unavailable"]);
  });
});

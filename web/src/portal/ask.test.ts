import { describe, expect, it } from "vitest";
import { setZone } from "../ui/zone";
import { dateOf, digitsOf, failureOf } from "./ask";

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

it("shows days by the hotline's clock", () => {
  const at = "2026-10-08T17:00:00Z";
  setZone("Asia/Shanghai");
  expect([dateOf(at, "zh-CN"), dateOf(at, "en")]).toEqual(["2026年10月9日", "October 9, 2026"]);
  setZone("America/New_York");
  expect(dateOf(at, "en")).toBe("October 8, 2026");
});

import { afterEach, describe, expect, it } from "vitest";
import { NONE, queryOf } from "../calls/filters";
import { fullMoment, moment } from "./time";
import { instantOf, isDay, setZone, startOfDay, wallClock } from "./zone";

afterEach(() => setZone("UTC"));

// The tests run in whatever zone the machine has; what counts is the hotline's.
describe.each(["Asia/Shanghai", "America/New_York", "Asia/Kathmandu"])("a hotline in %s", (zone) => {
  it("reads back what it has written", () => {
    setZone(zone);
    for (const wall of ["2026-11-25T00:00:00", "2026-07-01T23:59:59", "2026-03-08T12:30:00"]) {
      expect(wallClock(instantOf(wall))).toBe(wall);
    }
  });
});

describe("a hotline in Shanghai", () => {
  it("has its own days, whatever the browser's clock", () => {
    setZone("Asia/Shanghai");
    expect(queryOf({ ...NONE, from: "2026-11-25", to: "2026-11-25" })).toEqual({
      from: "2026-11-24T16:00:00.000Z",
      to: "2026-11-25T16:00:00.000Z",
    });
    expect(fullMoment("2026-11-24T16:30:00Z")).toBe("2026-11-25 00:30:00");
    expect(moment("2026-11-24T16:30:00Z", Date.parse("2026-11-25T15:00:00Z"), "en")).toBe("00:30:00");
    expect(moment("2026-11-24T15:30:00Z", Date.parse("2026-11-25T15:00:00Z"), "en")).toBe("Yesterday 23:30");
  });
});

it("a day on which the clocks change has 23 or 25 hours", () => {
  setZone("America/New_York");
  const hours = (day: string) => (startOfDay(day, 1).getTime() - startOfDay(day).getTime()) / 3_600_000;
  expect([hours("2026-03-08"), hours("2026-11-01"), hours("2026-11-02")]).toEqual([23, 25, 24]);
});

it("knows a day that exists, and can begin and end it", () => {
  for (const day of ["2024-02-29", "1970-01-01", "1900-01-01", "2099-12-31"]) {
    expect(isDay(day)).toBe(true);
    expect(startOfDay(day, 1).toISOString()).toMatch(/Z$/);
  }
  for (const text of ["", "yesterday", "2026-02-29", "2026-13-45", "9999-12-31", "+012026-01", "2026-1-1"]) {
    expect(isDay(text)).toBe(false);
  }
});

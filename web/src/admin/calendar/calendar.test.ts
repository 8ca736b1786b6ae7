import { expect, it } from "vitest";
import { monthDays, nextKind, weekOf, weekRuns, weekTexts, windowsOf } from "./calendar";

it("lays a month out from Monday", () => {
  const october = monthDays(2026, 10);
  expect(october.slice(0, 4)).toEqual([null, null, null, "2026-10-01"]);
  expect(october.at(-1)).toBe("2026-10-31");
});

it("makes a weekend day a holiday, a make-up day, and plain again; a workday never a make-up day", () => {
  expect(nextKind("2026-10-10", undefined)).toBe("off");
  expect(nextKind("2026-10-10", "off")).toBe("work");
  expect(nextKind("2026-10-10", "work")).toBeUndefined();
  expect(nextKind("2026-10-09", "off")).toBeUndefined();
});

it("reads and writes the windows of a week", () => {
  expect(windowsOf("09:00-12:00， 13:30-17:30")).toEqual(["09:00-12:00", "13:30-17:30"]);
  const week = { mon: ["09:00-17:30"], tue: ["09:00-17:30"], thu: ["09:00-17:30"] };
  expect(weekOf(weekTexts(week))).toEqual(week);
  expect(weekRuns(week)).toEqual([
    ["mon", "tue", "09:00-17:30"],
    ["thu", "thu", "09:00-17:30"],
  ]);
});

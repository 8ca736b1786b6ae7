import { expect, it } from "vitest";
import { exceptionRows, exceptionsOf, weeklyOf, weekRows } from "./roster";

const WEEKLY = [
  { weekday: 4, start: "09:00", end: "12:00" },
  { weekday: 4, start: "09:00", end: "12:00" },
  { weekday: 0, start: "09:00", end: "12:00" },
  { weekday: 0, start: "22:00", end: "06:00" },
];

it("shows the same hours of several days as one row, and gives them back", () => {
  const rows = weekRows(WEEKLY);
  expect(rows).toEqual([
    { weekdays: [0, 4], start: "09:00", end: "12:00" },
    { weekdays: [0], start: "22:00", end: "06:00" },
  ]);
  expect(weeklyOf(rows)).toHaveLength(3);
});

it("keeps an exception's substitute, hours and note", () => {
  const exceptions = [{ day: "2026-10-01", shifts: [{ start: "09:00", end: "10:00" }], substitute_id: "s2", note: "放假" }];
  expect(exceptionsOf(exceptionRows(exceptions))).toEqual(exceptions);
  expect(exceptionsOf([{ day: "2026-10-02" }])).toEqual([{ day: "2026-10-02", shifts: [], substitute_id: null, note: "" }]);
});

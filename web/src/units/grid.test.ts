import { describe, expect, it } from "vitest";
import { clock, copyDay, fills, gaps, minutesOf, paint, range, rectangle, step, stretchesOf, type Weekly, weeklyFrom } from "./grid";

const OFFICE: Weekly = [{ weekday: 0, start: "09:00", end: "17:30" }];
const NIGHT: Weekly = [{ weekday: 6, start: "22:00", end: "06:00" }];
const at = (day: number, hhmm: string) => ({ day, slot: minutesOf(hhmm) / 30 });
const painted = (weekly: Weekly, a: [number, string], b: [number, string], on: boolean) =>
  weeklyFrom(paint(stretchesOf(weekly), rectangle(at(...a), at(...b)), on));

describe("a roster on the grid", () => {
  it("comes back as it was", () => {
    const weekly: Weekly = [
      { weekday: 0, start: "00:00", end: "00:00" },
      { weekday: 2, start: "08:10", end: "12:05" },
      { weekday: 4, start: "17:30", end: "09:00" },
      ...NIGHT,
    ];
    expect(weeklyFrom(stretchesOf(weekly))).toEqual(weekly);
  });

  it("fills half hours wholly, partly or not at all, and shows Sunday's night on Monday", () => {
    const shown = fills(stretchesOf([{ weekday: 1, start: "09:00", end: "10:10" }, ...NIGHT]));
    expect(shown[1]!.slice(17, 23)).toEqual(["off", "on", "on", "part", "off", "off"]);
    expect(shown[0]!.indexOf("off")).toBe(12);
    expect(shown[6]!.slice(43)).toEqual(["off", "on", "on", "on", "on"]);
  });
});

describe("painting", () => {
  it("adds a rectangle of days and hours", () => {
    expect(painted([], [1, "08:30"], [0, "11:30"], true)).toEqual([
      { weekday: 0, start: "08:30", end: "12:00" },
      { weekday: 1, start: "08:30", end: "12:00" },
    ]);
  });

  it("lengthens and joins what it touches, and no more", () => {
    expect(painted(OFFICE, [0, "17:30"], [0, "17:30"], true)).toEqual([{ weekday: 0, start: "09:00", end: "18:00" }]);
    const halves: Weekly = [
      { weekday: 0, start: "08:00", end: "12:00" },
      { weekday: 0, start: "14:00", end: "18:00" },
    ];
    expect(painted(halves, [0, "12:00"], [0, "13:30"], true)).toEqual([{ weekday: 0, start: "08:00", end: "18:00" }]);
    expect(painted(OFFICE, [0, "10:00"], [0, "11:00"], true)).toEqual(OFFICE);
  });

  it("makes one night of an evening and a morning, also from Sunday to Monday, but days stay days", () => {
    expect(painted([{ weekday: 6, start: "22:00", end: "00:00" }], [0, "00:00"], [0, "05:30"], true)).toEqual(NIGHT);
    expect(painted([{ weekday: 1, start: "00:00", end: "06:00" }], [0, "22:00"], [0, "23:30"], true)).toEqual([
      { weekday: 0, start: "22:00", end: "06:00" },
    ]);
    expect(painted([], [0, "00:00"], [6, "23:30"], true)).toHaveLength(7);
  });

  it("keeps minutes that the grid does not show", () => {
    const odd: Weekly = [{ weekday: 0, start: "09:10", end: "11:50" }];
    expect(painted(odd, [0, "09:00"], [0, "09:00"], true)).toEqual([{ weekday: 0, start: "09:00", end: "11:50" }]);
    expect(painted(odd, [0, "10:00"], [0, "10:00"], false)).toEqual([
      { weekday: 0, start: "09:10", end: "10:00" },
      { weekday: 0, start: "10:30", end: "11:50" },
    ]);
  });

  it("takes hours out of a night, whichever day they are on", () => {
    expect(painted(NIGHT, [0, "02:00"], [0, "02:30"], false)).toEqual([
      { weekday: 0, start: "03:00", end: "06:00" },
      { weekday: 6, start: "22:00", end: "02:00" },
    ]);
    expect(painted(NIGHT, [6, "00:00"], [6, "23:30"], false)).toEqual([{ weekday: 0, start: "00:00", end: "06:00" }]);
    expect(painted(NIGHT, [0, "00:00"], [6, "23:30"], false)).toEqual([]);
  });

  it("undoes itself", () => {
    const cells = [range(at(3, "10:00")), range(at(3, "23:30"))];
    const before = stretchesOf(OFFICE);
    expect(paint(paint(before, cells, true), cells, false)).toEqual(before);
  });
});

it("copies a day with its night to others, instead of what they had", () => {
  const weekly: Weekly = [...OFFICE, { weekday: 0, start: "22:00", end: "06:00" }, { weekday: 1, start: "03:00", end: "04:00" }];
  const copied = weeklyFrom(copyDay(stretchesOf(weekly), 0, [1, 2]));
  expect(copied.map(({ weekday, start, end }) => `${weekday} ${start}-${end}`)).toEqual([
    "0 09:00-17:30",
    "0 22:00-06:00",
    "1 09:00-17:30",
    "1 22:00-06:00",
    "2 09:00-17:30",
    "2 22:00-06:00",
  ]);
});

it("finds the hours with nobody", () => {
  const hours = [
    { start: "08:30", end: "12:00" },
    { start: "11:00", end: "24:00" },
  ];
  expect(gaps(hours).map(({ from, to }) => [clock(from), clock(to)])).toEqual([["00:00", "08:30"]]);
  expect(gaps([{ start: "00:00", end: "24:00" }])).toEqual([]);
  expect(gaps([])).toEqual([{ from: 0, to: 1440 }]);
});

it("moves by the arrow keys, within the week, as the grid is drawn", () => {
  expect(step("ArrowRight", { day: 0, slot: 0 }, true)).toEqual({ day: 0, slot: 1 });
  expect(step("ArrowRight", { day: 0, slot: 0 }, false)).toEqual({ day: 1, slot: 0 });
  expect(step("ArrowUp", { day: 0, slot: 3 }, true)).toEqual({ day: 0, slot: 3 });
  expect(step("ArrowDown", { day: 6, slot: 47 }, false)).toEqual({ day: 6, slot: 47 });
  expect(step("a", { day: 0, slot: 0 }, true)).toBeNull();
});

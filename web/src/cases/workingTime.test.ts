import { expect, test } from "vitest";
import { hoursAndMinutes } from "./workingTime";

test("minutes of working time are hours and minutes, also overdue", () => {
  expect(hoursAndMinutes(150)).toEqual({ hours: 2, minutes: 30 });
  expect(hoursAndMinutes(-61)).toEqual({ hours: 1, minutes: 1 });
  expect(hoursAndMinutes(0)).toEqual({ hours: 0, minutes: 0 });
});

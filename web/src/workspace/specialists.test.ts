import { expect, it } from "vitest";
import type { UnitView } from "../api/types";
import { matching } from "./specialists";

const person = (id: string, name: string, scope: string, onDuty: boolean) => ({
  id,
  name,
  title: "",
  answerable_scope: scope,
  on_duty: onDuty,
  on_duty_until: null,
  next_duty: null,
  phones: [],
});
const units: UnitView[] = [
  { id: "u1", name: "市税务局", parent_id: null, organisation_id: null, may_edit: false, specialists: [person("1", "李雷", "增值税", false), person("2", "韩梅", "小微企业减免", true)] },
  { id: "u2", name: "市人社局", parent_id: null, organisation_id: null, may_edit: false, specialists: [person("3", "王强", "社保补贴", true)] },
];

it("finds by unit, name or scope, and all words must fit", () => {
  expect(matching(units, "税务 减免").flatMap((u) => u.specialists.map((s) => s.id))).toEqual(["2"]);
  expect(matching(units, "王强").map((u) => u.id)).toEqual(["u2"]);
  expect(matching(units, "没有的")).toEqual([]);
});

it("shows those on duty first, and leaves the given list as it is", () => {
  expect(matching(units, "")[0]?.specialists.map((s) => s.id)).toEqual(["2", "1"]);
  expect(units[0]?.specialists.map((s) => s.id)).toEqual(["1", "2"]);
});

it("shows units with somebody on duty before the others", () => {
  const asleep = { ...units[0]!, id: "u0", specialists: [person("9", "夜班", "", false)] };
  expect(matching([asleep, ...units], "").map((unit) => unit.id)).toEqual(["u1", "u2", "u0"]);
});

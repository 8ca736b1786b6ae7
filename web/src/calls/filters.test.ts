import { expect, it } from "vitest";
import { NONE, queryOf, readFilters, writeFilters } from "./filters";

it("survives the way through the address", () => {
  const filters = { ...NONE, search: "联创 a&b", from: "2026-11-01", survey: "2" };
  expect(readFilters(new URLSearchParams(writeFilters(filters).toString()))).toEqual(filters);
});

it("takes nothing strange out of an address", () => {
  expect(readFilters(new URLSearchParams("from=yesterday&to=2026-13-45&survey=9&outcome=won&search=x&from=2026-02-31"))).toEqual({ ...NONE, search: "x" });
});

it("includes the whole last day", () => {
  const { from, to } = queryOf({ ...NONE, from: "2026-11-01", to: "2026-11-01" });
  expect(Date.parse(to ?? "") - Date.parse(from ?? "")).toBe(24 * 3600 * 1000);
});

it("asks for nothing that is not filtered", () => {
  expect(queryOf({ ...NONE, search: "  " })).toEqual({});
});

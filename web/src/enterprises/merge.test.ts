import { expect, it } from "vitest";
import type { EnterpriseRow } from "../api/types";
import { differing, takes } from "./merge";

const one = { id: "a", name: "甲", credit_code: null, kind: "enterprise", industry: "", size: null, skips_menu: true } as EnterpriseRow;
const other = { ...one, id: "b", name: "乙", industry: "住宿", size: null };

it("takes from the merged one only what was chosen and differs", () => {
  expect(takes(one, other, { name: "b", industry: "a", size: "b" })).toEqual({ name: "merged" });
  expect(takes(other, one, { name: "b" })).toEqual({});
  expect(differing("industry", one, other)).toBe(true);
  expect(differing("size", one, other)).toBe(false);
});

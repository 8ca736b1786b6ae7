import { expect, it } from "vitest";
import { offline, Problem } from "../api/problem";
import { changed, changedMeanwhile, type EnterpriseFields, isConfirmable } from "./fields";

const HOTEL: EnterpriseFields = {
  name: "海勃湾酒店",
  credit_code: null,
  kind: "enterprise",
  industry: "住宿",
  size: "small",
  skips_menu: true,
};

it("sends what was changed alone, so that another's change of another field stays", () => {
  expect(changed(HOTEL, { ...HOTEL, industry: "餐饮" })).toEqual({ industry: "餐饮" });
  expect(changed(HOTEL, { ...HOTEL, credit_code: "  " })).toEqual({});
  expect(changed(HOTEL, { ...HOTEL, size: null, skips_menu: false })).toEqual({ size: null, skips_menu: false });
});

it("names what somebody else changed meanwhile", () => {
  expect(changedMeanwhile(HOTEL, { ...HOTEL, name: "乌达酒店", size: null })).toEqual(["name", "size"]);
  expect(changedMeanwhile(HOTEL, HOTEL)).toEqual([]);
});

it("offers the confirmation for a code that a licence may show", () => {
  const refused = (reason: string) => new Problem(422, "enterprise.credit_code_invalid", "", [], reason);
  expect(["check_digit", "organisation_digit", "registration_number"].map((r) => isConfirmable(refused(r)))).toEqual([
    true,
    true,
    true,
  ]);
  expect(isConfirmable(refused("identity_number"))).toBe(false);
  expect(isConfirmable(refused("shape"))).toBe(false);
  expect(isConfirmable(offline())).toBe(false);
});

import { expect, it } from "vitest";
import { pageOf } from "./subject";

it("links a notice to the page of its subject", () => {
  expect(pageOf({ subject_kind: "case", subject_id: "x", subject_number: "20260302-0001" })).toBe("/cases/20260302-0001");
  expect(pageOf({ subject_kind: "case", subject_id: "x/../y", subject_number: "" })).toBe("/cases/x%2F..%2Fy");
  expect(pageOf({ subject_kind: "call", subject_id: "c&d", subject_number: "" })).toBe("/calls?call=c%26d");
  expect(pageOf({ subject_kind: "unit", subject_id: "u", subject_number: "" })).toBe("/units/u");
});

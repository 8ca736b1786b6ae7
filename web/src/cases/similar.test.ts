import { expect, it } from "vitest";
import { questionOf } from "./similar";

const BLANK = { title: "", content: "", place: "", callback_number: "", enterprise_id: null, contact_id: null };

it("asks nothing while nothing is written", () => {
  expect(questionOf(BLANK, "case", null)).toBeNull();
  expect(questionOf({ ...BLANK, title: "停水", callback_number: "139" }, null, null)).toBeNull();
});

it("asks by words, by the caller or by the call alone", () => {
  expect(questionOf({ ...BLANK, title: "新华街停水" }, null, null)).toMatchObject({ title: "新华街停水" });
  expect(questionOf({ ...BLANK, enterprise_id: "e" }, "case", null)).toMatchObject({ case_id: "case", enterprise_id: "e" });
  expect(questionOf(BLANK, null, "call")).toMatchObject({ call_id: "call" });
});

it("leaves out a number that is still being typed", () => {
  expect(questionOf({ ...BLANK, title: "新华街停水", callback_number: "139" }, null, null)?.callback_number).toBe("");
  expect(questionOf({ ...BLANK, title: "新华街停水", callback_number: "139****5678" }, null, null)?.callback_number).toBe("");
});

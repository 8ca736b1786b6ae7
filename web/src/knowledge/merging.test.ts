import { expect, test } from "vitest";
import type { KnowledgeContent } from "./knowledge";
import { differing, merged } from "./merging";

const BEFORE = { title: "年报", answer: "每年六月底前报送。", keywords: ["年报"], region: "" } as unknown as KnowledgeContent;

test("fields differ by what they hold", () => {
  expect(differing(BEFORE, { ...BEFORE, keywords: ["年报"] })).toEqual([]);
  expect(differing(BEFORE, { ...BEFORE, keywords: ["年检"], region: "开发区" })).toEqual(["keywords", "region"]);
});

test("what was typed stays, the rest is what the other one saved", () => {
  const typed = { ...BEFORE, answer: "六月三十日前报送。" };
  const theirs = { ...BEFORE, title: "企业年报", answer: "六月底前网上报送。" };
  expect(merged(BEFORE, typed, theirs)).toEqual({ ...BEFORE, title: "企业年报", answer: "六月三十日前报送。" });
});

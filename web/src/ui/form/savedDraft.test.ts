import { expect, it } from "vitest";
import { parseDraft } from "./savedDraft";

const DAY = 24 * 3600 * 1000;

it("gives a draft back for a week, and nothing that is none", () => {
  const kept = JSON.stringify({ at: 0, values: { name: "市市场监管局" } });
  expect(parseDraft(kept, 6 * DAY)).toEqual({ name: "市市场监管局" });
  expect(parseDraft(kept, 8 * DAY)).toBeNull();
  expect(parseDraft("not json", 0)).toBeNull();
  expect(parseDraft("{}", 0)).toBeNull();
  expect(parseDraft(null, 0)).toBeNull();
});

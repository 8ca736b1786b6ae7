import { expect, it } from "vitest";
import { missingOf } from "./followUp";

it("asks for an answer, and for what that answer needs", () => {
  expect(missingOf(undefined)).toBe("need");
  expect(missingOf({ need: "none" })).toBeNull();
  expect(missingOf({ need: "new", question: " 问 " })).toBe("question");
  expect(missingOf({ need: "new", question: "要哪些证？" })).toBeNull();
  expect(missingOf({ need: "amend", question: "要哪些证？" })).toBe("entry");
  expect(missingOf({ need: "amend", question: "要哪些证？", entry_id: "1" })).toBeNull();
});

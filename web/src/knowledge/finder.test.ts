import { expect, test } from "vitest";
import { hitAfter, isCitable } from "./finder";

test("arrows stay in the list", () => {
  expect(hitAfter("ArrowDown", 0, 3)).toBe(1);
  expect(hitAfter("ArrowDown", 2, 3)).toBe(2);
  expect(hitAfter("ArrowUp", 0, 3)).toBe(0);
  expect(hitAfter("ArrowUp", 0, 0)).toBeNull();
  expect(hitAfter("a", 0, 3)).toBeNull();
});

test("an agent cites what is published and not the specialist's", () => {
  expect(isCitable({ scope: "public", number: 1 })).toBe(true);
  expect(isCitable({ scope: "specialist", number: 1 })).toBe(false);
  expect(isCitable({ scope: "agent", number: null })).toBe(false);
});

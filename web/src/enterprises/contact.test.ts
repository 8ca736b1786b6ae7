import { expect, it } from "vitest";
import type { ContactView } from "../api/types";
import { entriesOf, mergedNumbers, numbersChanged } from "./contact";

function contact(...ids: string[]): ContactView {
  const numbers = ids.map((id) => ({ id, number: `139****${id}`, purpose: "caller" as const }));
  return { id: "c", name: "李娜", role: "", preferred: "phone", numbers };
}

it("knows whether numbers were changed", () => {
  const [first, second] = entriesOf(contact("1", "2"));
  expect(numbersChanged(contact("1", "2"), [first!, second!])).toBe(false);
  expect(numbersChanged(contact("1", "2"), [first!])).toBe(true);
  expect(numbersChanged(contact("1"), [{ ...first!, purpose: "callback" }])).toBe(true);
  expect(numbersChanged(contact("1"), [first!, { number: "13800000001", purpose: "caller" }])).toBe(true);
});

it("keeps what was typed, and takes over what somebody else added or removed", () => {
  const typed = [...entriesOf(contact("1", "2")), { number: "13800000001", purpose: "caller" as const }];
  const merged = mergedNumbers(contact("1", "2"), contact("2", "3"), typed);
  expect(merged.map((entry) => entry.id ?? entry.number)).toEqual(["2", "13800000001", "3"]);
});

it("brings no number back that was removed in the form", () => {
  expect(mergedNumbers(contact("1", "2"), contact("1", "2"), entriesOf(contact("1")))).toEqual(entriesOf(contact("1")));
});

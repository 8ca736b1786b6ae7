import { expect, test } from "vitest";
import { asTree, parentsFor, rowsBelow, treeOptions } from "./tree";

const ROWS = [
  { id: "b", parent_id: "a", name: "二" },
  { id: "a", parent_id: null, name: "一" },
  { id: "d", parent_id: "gone", name: "四" },
  { id: "c", parent_id: "b", name: "三" },
  { id: "e", parent_id: "a", name: "五" },
];

test("rows stand behind their parents, those without one at the top", () => {
  expect(asTree(ROWS).map((row) => [row.id, row.depth])).toEqual([["a", 0], ["b", 1], ["c", 2], ["e", 1], ["d", 0]]);
});

test("nothing is offered as its own parent, nor what is below it", () => {
  expect(parentsFor(ROWS, "b").map((row) => row.id)).toEqual(["a", "e", "d"]);
  expect(parentsFor(ROWS, null)).toHaveLength(5);
});

test("options are indented by depth", () => {
  expect(treeOptions(asTree(ROWS))[2]).toEqual({ value: "c", label: "\u3000\u3000三" });
});

test("finds the rows below one, at any depth", () => {
  const rows = [
    { id: "a", parent_id: null },
    { id: "b", parent_id: "a" },
    { id: "c", parent_id: "b" },
    { id: "d", parent_id: null },
  ];
  expect(rowsBelow(rows, ["a"]).map(({ id }) => id)).toEqual(["b", "c"]);
});

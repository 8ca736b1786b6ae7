import { expect, it } from "vitest";
import { mergeFlows } from "./merging";

const BASE = { id: "f", title: "甲", nodes: { a: { action: "answer" }, b: { action: "hangup" } }, layout: { a: { x: 0, y: 0 } } };

it("takes what each of two changed", () => {
  const mine = { ...BASE, nodes: { ...BASE.nodes, a: { action: "answer", label: "接听" }, c: { action: "hangup" } } };
  const theirs = { ...BASE, title: "乙", nodes: { ...BASE.nodes, b: { action: "hangup", label: "结束" } } };
  expect(mergeFlows(BASE, mine, theirs)).toEqual({
    document: {
      ...BASE,
      title: "乙",
      nodes: { a: { action: "answer", label: "接听" }, b: { action: "hangup", label: "结束" }, c: { action: "hangup" } },
    },
    both: [],
  });
});

it("names what both changed, and keeps mine", () => {
  const mine = { ...BASE, nodes: { ...BASE.nodes, a: { action: "play" } } };
  const theirs = { ...BASE, nodes: { ...BASE.nodes, a: { action: "menu" } } };
  const { document, both } = mergeFlows(BASE, mine, theirs);
  expect(document.nodes).toEqual(mine.nodes);
  expect(both).toEqual(["nodes.a"]);
});

it("does not bring back what one of them removed", () => {
  const rest = { a: BASE.nodes.a };
  expect(mergeFlows(BASE, { ...BASE, nodes: rest }, BASE).document.nodes).toEqual(rest);
  expect(mergeFlows(BASE, BASE, { ...BASE, nodes: rest }).document.nodes).toEqual(rest);
});

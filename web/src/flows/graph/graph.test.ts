import { expect, it } from "vitest";
import type { FlowAction } from "./actions";
import { drawnTogether } from "./difference";
import { durationOf, secondsOf } from "./duration";
import { addNode, changeNode, connect, copyNodes, deleteNodes, nodesOf, pasteNodes, renameNode } from "./edits";
import { fieldOf, promptsOf, rowsOf } from "./fields";
import { changed, NO_HISTORY, redone, sameDocument, undone } from "./history";
import { arranged, keptInPlace, spotsOf, WIDTH } from "./layout";
import { flowOrder, neighbour, outcomesOf } from "./outcomes";
import { byNode, problemsAt } from "./problemsAt";

const action = (name: string, outcomes: string[], from = "") =>
  ({ name, outcomes: outcomes.map((each) => ({ name: each })), outcomes_from: from }) as unknown as FlowAction;
const ACTIONS = new Map(
  [
    action("answer", ["done"]),
    action("menu", ["errors", "no_menu", "silence"], "keys"),
    action("split", [], "shares.*.outcome"),
    action("hangup", []),
  ].map((each) => [each.name, each]),
);
const FLOW = {
  id: "f",
  entry: "start",
  person: "end",
  keys: { "0": "end", "9": "menu" },
  nodes: {
    end: { action: "hangup" },
    start: { action: "answer", branches: { done: "menu" } },
    menu: { action: "menu", options: { keys: ["1", "2"] }, branches: { "1": "start", "2": "odd", silence: "end" } },
    odd: { action: "unheard_of", branches: { maybe: "end" } },
  },
};

it("renames a node wherever it is named", () => {
  const renamed = renameNode({ ...FLOW, layout: { menu: { x: 1, y: 2 } } }, "menu", "choice");
  expect(Object.keys(nodesOf(renamed))).toEqual(["end", "start", "choice", "odd"]);
  expect(nodesOf(renamed).start?.branches).toEqual({ done: "choice" });
  expect(renamed).toMatchObject({ keys: { "0": "end", "9": "choice" }, layout: { choice: { x: 1, y: 2 } } });
  expect(renameNode(FLOW, "start", "begin")).toMatchObject({ entry: "begin" });
});

it("deletes nodes with the branches and keys that led to them", () => {
  const left = deleteNodes(FLOW, ["menu"]);
  expect(Object.keys(nodesOf(left))).toEqual(["end", "start", "odd"]);
  expect(nodesOf(left).start?.branches).toEqual({});
  expect(left).toMatchObject({ keys: { "0": "end" }, entry: "start" });
  expect("layout" in left).toBe(false);
});

it("sets and takes away a branch, and leaves the given document alone", () => {
  const before = JSON.stringify(FLOW);
  expect(nodesOf(connect(FLOW, "menu", "errors", "end")).menu?.branches?.errors).toBe("end");
  expect(nodesOf(connect(FLOW, "menu", "silence", null)).menu?.branches).toEqual({ "1": "start", "2": "odd" });
  expect(changeNode(FLOW, "menu", { label: "" }).nodes).toMatchObject(FLOW.nodes);
  expect(JSON.stringify(FLOW)).toBe(before);
});

it("pastes copies under new ids, linked among themselves and to what is there", () => {
  const copied = copyNodes(FLOW, ["start", "menu"], { start: { x: 5, y: 5 } });
  const { document, ids } = pasteNodes(FLOW, copied, { x: 40, y: 40 });
  expect(ids).toEqual(["start-2", "menu-2"]);
  expect(nodesOf(document)["start-2"]?.branches).toEqual({ done: "menu-2" });
  expect(nodesOf(document)["menu-2"]?.branches).toEqual({ "1": "start-2", "2": "odd", silence: "end" });
  expect(document.layout).toMatchObject({ "start-2": { x: 45, y: 45 } });
  const elsewhere = pasteNodes({ nodes: {} }, copied, { x: 0, y: 0 });
  expect(nodesOf(elsewhere.document).menu?.branches).toEqual({ "1": "start" });
});

it("knows the outcomes of a node, also of an action that nobody knows", () => {
  const nodes = nodesOf(FLOW);
  expect(outcomesOf(nodes.menu!, ACTIONS.get("menu"))).toEqual(["1", "2", "errors", "no_menu", "silence"]);
  expect(outcomesOf(nodes.odd!, undefined)).toEqual(["maybe"]);
  const shares = { action: "split", options: { shares: [{ outcome: "a" }, { outcome: "b" }, "broken"] } };
  expect(outcomesOf(shares, ACTIONS.get("split"))).toEqual(["a", "b"]);
  expect(outcomesOf({ action: "menu", options: { keys: 7 } }, ACTIONS.get("menu"))).not.toContain("7");
});

it("loses no node, however broken the document is", () => {
  const broken = { nodes: { a: null, b: "text", c: { action: 3, branches: [1] } }, layout: { a: { x: "left" } }, keys: 5 };
  expect(flowOrder(broken, ACTIONS)).toEqual(["a", "b", "c"]);
  expect(Object.keys(spotsOf(broken, ACTIONS))).toEqual(["a", "b", "c"]);
});

it("lists nodes as a caller comes to them, and goes along the branches by arrow", () => {
  expect(flowOrder(FLOW, ACTIONS)).toEqual(["start", "menu", "odd", "end"]);
  expect(neighbour(FLOW, ACTIONS, "start", "ArrowRight")).toBe("menu");
  expect(neighbour(FLOW, ACTIONS, "odd", "ArrowLeft")).toBe("menu");
  expect(neighbour(FLOW, ACTIONS, "odd", "ArrowUp")).toBe("start");
  expect(neighbour(FLOW, ACTIONS, "end", "ArrowRight")).toBeNull();
});

it("places what nobody has placed, and covers nothing", () => {
  const all = arranged(FLOW, ACTIONS);
  expect(all.menu!.x).toBeGreaterThan(all.start!.x + WIDTH - 1);
  const placed = { ...FLOW, layout: { start: { x: 0, y: 0 }, menu: { x: 400, y: 0 } } };
  const spots = spotsOf(placed, ACTIONS);
  expect(spots).toMatchObject(placed.layout);
  const overlap = Math.abs(spots.odd!.x - spots.end!.x) < WIDTH && Math.abs(spots.odd!.y - spots.end!.y) < 64;
  expect(overlap).toBe(false);
});

it("keeps all nodes where they are once one is put somewhere", () => {
  const was = spotsOf(FLOW, ACTIONS);
  const moved = keptInPlace(FLOW, { ...FLOW, layout: { menu: { x: 7, y: 7 } } }, ACTIONS);
  expect(spotsOf(moved, ACTIONS)).toEqual({ ...was, menu: { x: 7, y: 7 } });
  expect(keptInPlace(FLOW, { ...FLOW, title: "x" }, ACTIONS).layout).toBeUndefined();
});

it("lays out a thousand nodes in a moment", () => {
  let flow: Record<string, unknown> = { entry: "n0", nodes: {} };
  const nodes = Object.fromEntries(
    Array.from({ length: 1000 }, (_, at) => [`n${at}`, { action: "menu", branches: { a: `n${2 * at + 1}`, b: `n${2 * at + 2}`, invalid: "n999" } }]),
  );
  flow = { ...flow, nodes };
  const began = performance.now();
  expect(Object.keys(spotsOf(flow, ACTIONS))).toHaveLength(1000);
  expect(performance.now() - began).toBeLessThan(1_000);
});

it("takes changes back and makes them again, letters of one field at once", () => {
  let history = changed<string>(NO_HISTORY, "a", "label");
  history = changed(history, "ab", "label");
  history = changed(history, "abc", "");
  const back = undone(history, "abcd")!;
  expect(back.shown).toBe("abc");
  const further = undone(back.history, back.shown)!;
  expect(further.shown).toBe("a");
  expect(undone(further.history, further.shown)).toBeNull();
  expect(redone(further.history, further.shown)?.shown).toBe("abc");
  expect(redone(changed(further.history, "a", ""), "x")).toBeNull();
  expect(sameDocument({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 })).toBe(true);
  expect(sameDocument({ a: 1 }, { a: 1, b: undefined })).toBe(false);
});

it("shows durations in seconds and keeps them as ISO 8601", () => {
  expect(["PT5S", "PT1M30S", "PT0.3S", "P1DT1H"].map(secondsOf)).toEqual([5, 90, 0.3, 90_000]);
  expect(["P", "5", "", null].map(secondsOf)).toEqual([null, null, null, null]);
  expect(durationOf(90)).toBe("PT90S");
});

it("knows how an option is entered", () => {
  expect(fieldOf({ type: "array", items: { pattern: "^[0-9*#]$", type: "string" } }).kind).toBe("keys");
  expect(fieldOf({ anyOf: [{ type: "string", format: "duration" }, { type: "null" }] }).kind).toBe("duration");
  expect(fieldOf({ type: "array", items: { anyOf: [{ type: "string" }, { $ref: "#/$defs/Spoken" }] } }).kind).toBe("prompts");
  expect(fieldOf({ type: "object" }).kind).toBe("json");
  const prompts = ["welcome", { digits: "{agent}" }];
  expect(promptsOf(rowsOf(prompts))).toEqual(prompts);
});

it("finds the problems of a node and of its parts", () => {
  const problems = ["nodes.menu.branches.silence", "nodes.menu", "keys.0"].map((where) => ({
    rule: "outcome-uncovered",
    severity: "error" as const,
    node: "",
    path: where.split("."),
    line: 0,
    message: { zh: "", en: "" },
    mend: { zh: "", en: "" },
  }));
  expect(byNode(problems).get("menu")).toHaveLength(2);
  expect(problemsAt(problems, "menu", "branches.silence")).toHaveLength(1);
  expect(problemsAt(problems, "men", "branches")).toHaveLength(0);
});

it("draws two versions as one graph", () => {
  const before = { entry: "a", nodes: { a: { action: "menu", branches: { "1": "b", "2": "b" } }, b: { action: "hangup" } } };
  const after = { entry: "a", nodes: { a: { action: "menu", branches: { "1": "c", "3": "c" } }, c: { action: "hangup" } } };
  const differences = [
    { node: "", change: "changed" as const, fields: [] },
    { node: "b", change: "removed" as const, fields: [] },
  ];
  const { document, marks } = drawnTogether(before, after, differences);
  expect(Object.keys(nodesOf(document))).toEqual(["a", "c", "b"]);
  expect(nodesOf(document).a!.branches).toEqual({ "1": "c", "2": "b", "3": "c" });
  expect(marks).toEqual({
    nodes: { b: { tone: "removed" } },
    edges: { "a.1": { tone: "changed" }, "a.2": { tone: "removed" }, "a.3": { tone: "added" } },
  });
});

it("adds a node without touching the others", () => {
  const added = addNode(FLOW, "new", { action: "answer", options: {} }, { x: 1.6, y: 2 });
  expect(nodesOf(added).new).toMatchObject({ action: "answer" });
  expect(added.layout).toEqual({ new: { x: 2, y: 2 } });
});

import { graphlib, layout as arrange } from "@dagrejs/dagre";
import type { FlowDocument } from "../flows";
import type { FlowActions } from "./actions";
import { type FlowNode, layoutOf, nodesOf, placeNodes, type Spot } from "./edits";
import { flowOrder, outcomesOf } from "./outcomes";

export const WIDTH = 216;
export const HEAD = 64;
export const ROW = 24;
const GAP_X = 90;
const GAP_Y = 28;
/** Nodes; dagre lays out as many in a tenth of a second. */
const LARGE = 200;

export const heightOf = (outcomes: number) => HEAD + outcomes * ROW + 8;

/** A place for every node: where somebody has put it, else where it is found and covers no other. */
export function spotsOf(document: FlowDocument, actions: FlowActions): Record<string, Spot> {
  const given = layoutOf(document);
  const missing = flowOrder(document, actions).filter((id) => !(id in given));
  if (missing.length === 0) return given;
  if (missing.length === Object.keys(nodesOf(document)).length) return arranged(document, actions);
  return besideTheirParents(document, actions, given, missing);
}

/** `next` with every node where it was in `before`, once the place of any is kept: else the others would move. */
export function keptInPlace(before: FlowDocument, next: FlowDocument, actions: FlowActions): FlowDocument {
  const given = layoutOf(next);
  const nodes = nodesOf(next);
  const missing = Object.keys(nodes).filter((id) => !(id in given));
  if (missing.length === 0 || missing.length === Object.keys(nodes).length) return next;
  const was = spotsOf(before, actions);
  return placeNodes(next, Object.fromEntries(missing.flatMap((id) => (was[id] ? [[id, was[id]]] : []))));
}

/** All nodes from left to right, as callers go. */
export function arranged(document: FlowDocument, actions: FlowActions): Record<string, Spot> {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: GAP_Y, ranksep: GAP_X });
  graph.setDefaultEdgeLabel(() => ({}));
  const nodes = nodesOf(document);
  const order = flowOrder(document, actions);
  const size = (id: string) => ({ width: WIDTH, height: heightOf(outcomesOf(nodes[id]!, actions.get(nodes[id]!.action)).length) });
  if (order.length > LARGE) return inColumns(order, nodes, (id) => size(id).height);
  for (const id of order) graph.setNode(id, size(id));
  for (const id of order) {
    for (const to of Object.values(nodes[id]!.branches ?? {})) if (to in nodes) graph.setEdge(id, to);
  }
  arrange(graph);
  return Object.fromEntries(
    order.map((id) => {
      const { x, y, width, height } = graph.node(id) as { x: number; y: number; width: number; height: number };
      return [id, { x: Math.round(x - width / 2), y: Math.round(y - height / 2) }];
    }),
  );
}

/** A column for each step from the entry, each node beside the first that leads to it. In no time, where dagre takes seconds. */
function inColumns(order: readonly string[], nodes: Record<string, FlowNode>, height: (id: string) => number): Record<string, Spot> {
  const spots: Record<string, Spot> = {};
  const bottoms = new Map<number, number>();
  const place = (id: string, x: number, y: number) => {
    spots[id] = { x, y: Math.max(y, bottoms.get(x) ?? 0) };
    bottoms.set(x, spots[id].y + height(id) + GAP_Y);
  };
  for (const id of order) {
    if (!(id in spots)) place(id, 0, 0);
    for (const to of Object.values(nodes[id]!.branches ?? {})) {
      if (to in nodes && !(to in spots)) place(to, spots[id]!.x + WIDTH + GAP_X, spots[id]!.y);
    }
  }
  return spots;
}

function besideTheirParents(
  document: FlowDocument,
  actions: FlowActions,
  given: Record<string, Spot>,
  missing: readonly string[],
): Record<string, Spot> {
  const nodes = nodesOf(document);
  const spots = { ...given };
  const height = (id: string) => heightOf(nodes[id] ? outcomesOf(nodes[id], actions.get(nodes[id].action)).length : 0);
  for (const id of missing) {
    const parent = Object.keys(nodes).find((each) => each in spots && Object.values(nodes[each]!.branches ?? {}).includes(id));
    const beside = parent === undefined ? undefined : spots[parent];
    let at = beside ? { x: beside.x + WIDTH + GAP_X, y: beside.y } : { x: 0, y: 0 };
    const covers = (spot: Spot) =>
      Object.entries(spots).find(
        ([other, { x, y }]) =>
          Math.abs(x - spot.x) < WIDTH + GAP_Y && spot.y < y + height(other) + GAP_Y && y < spot.y + height(id) + GAP_Y,
      );
    for (let covered = covers(at); covered; covered = covers(at)) {
      at = { x: at.x, y: covered[1].y + height(covered[0]) + GAP_Y };
    }
    spots[id] = at;
  }
  return spots;
}

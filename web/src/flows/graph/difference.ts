import type { FlowDifference, FlowDocument } from "../flows";
import { asMap, nodesOf } from "./edits";
import type { GraphMarks } from "./marks";

/** Two versions as one graph: all of `after`, with the nodes and branches that only `before` has. Pure. */
export function drawnTogether(
  before: FlowDocument,
  after: FlowDocument,
  differences: readonly FlowDifference[],
): { document: FlowDocument; marks: GraphMarks } {
  const [old, now] = [nodesOf(before), nodesOf(after)];
  const nodes = Object.fromEntries(
    [...new Set([...Object.keys(now), ...Object.keys(old)])].map((id) => {
      const branches = { ...old[id]?.branches, ...now[id]?.branches };
      return [id, { ...(now[id] ?? old[id]!), branches }];
    }),
  );
  const edges: GraphMarks["edges"] = {};
  for (const [id, { branches }] of Object.entries(nodes)) {
    for (const outcome of Object.keys(branches)) {
      const [was, is] = [old[id]?.branches?.[outcome], now[id]?.branches?.[outcome]];
      if (was !== is) edges[`${id}.${outcome}`] = { tone: was === undefined ? "added" : is === undefined ? "removed" : "changed" };
    }
  }
  const changed = differences.filter(({ node }) => node !== "").map(({ node, change }) => [node, { tone: change }] as const);
  const layout = { ...asMap(before.layout), ...asMap(after.layout) };
  return { document: { ...after, nodes, layout }, marks: { nodes: Object.fromEntries(changed), edges } };
}

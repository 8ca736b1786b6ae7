import type { FlowDocument } from "./flows";

export interface Merge {
  document: FlowDocument;
  /** Parts that both changed, each differently: mine is kept. */
  both: string[];
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
const asMap = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** What I changed since `base`, on top of what somebody else saved meanwhile: node by node, and field by field of the rest. */
export function mergeFlows(base: FlowDocument, mine: FlowDocument, theirs: FlowDocument): Merge {
  const both: string[] = [];
  const own = mergeMaps(without(base), without(mine), without(theirs), both, "");
  const nodes = mergeMaps(asMap(base.nodes), asMap(mine.nodes), asMap(theirs.nodes), both, "nodes.");
  const layout = mergeMaps(asMap(base.layout), asMap(mine.layout), asMap(theirs.layout), [], "");
  return { document: { ...own, nodes, ...(Object.keys(layout).length > 0 ? { layout } : {}) }, both };
}

function without(document: FlowDocument): FlowDocument {
  return Object.fromEntries(Object.entries(document).filter(([name]) => name !== "nodes" && name !== "layout"));
}

function mergeMaps(
  base: Record<string, unknown>,
  mine: Record<string, unknown>,
  theirs: Record<string, unknown>,
  both: string[],
  prefix: string,
): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const iChanged = !same(base[name], mine[name]);
    if (iChanged && !same(base[name], theirs[name]) && !same(mine[name], theirs[name])) both.push(prefix + name);
    const value = iChanged ? mine[name] : theirs[name];
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

import type { FlowDocument } from "../flows";

/** A node as it stands in a document, finished or not. */
export interface FlowNode {
  action: string;
  label?: string;
  note?: string;
  options?: Record<string, unknown>;
  branches?: Record<string, string>;
}

export interface Spot {
  x: number;
  y: number;
}

/** What was copied; `layout` holds where each node stood. */
export interface CopiedNodes {
  nodes: Record<string, FlowNode>;
  layout: Record<string, Spot>;
}

export const NODE_ID = /^[a-z][a-z0-9-]{0,63}$/;

type Named<T> = Record<string, T>;

export function asMap(value: unknown): Named<unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Named<unknown>) : {};
}

export const without = (map: Named<unknown>, name: string): Named<unknown> =>
  Object.fromEntries(Object.entries(map).filter(([each]) => each !== name));

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const texts = (value: unknown): Named<string> =>
  Object.fromEntries(Object.entries(asMap(value)).filter((each): each is [string, string] => typeof each[1] === "string"));

const read = new WeakMap<object, FlowNode>();

/** Every node, whatever its action; one that is no mapping is shown empty. The same object for an unchanged node. */
export function nodesOf(document: FlowDocument): Named<FlowNode> {
  return Object.fromEntries(Object.entries(asMap(document.nodes)).map(([id, raw]) => [id, nodeOf(raw)]));
}

function nodeOf(raw: unknown): FlowNode {
  const map = asMap(raw);
  const known = read.get(map);
  if (known) return known;
  const node: FlowNode = { ...map, action: text(map.action), branches: texts(map.branches) };
  read.set(map, node);
  return node;
}

export const entryOf = (document: FlowDocument): string => text(document.entry);
export const personOf = (document: FlowDocument): string => text(document.person);
export const keysOf = (document: FlowDocument): Named<string> => texts(document.keys);

export function layoutOf(document: FlowDocument): Named<Spot> {
  const spots = Object.entries(asMap(document.layout)).map(([id, raw]) => [id, asMap(raw)] as const);
  return Object.fromEntries(
    spots.filter(([, { x, y }]) => Number.isFinite(x) && Number.isFinite(y)).map(([id, { x, y }]) => [id, { x, y } as Spot]),
  );
}

/** An id that no node has: `base`, or with a number behind it. */
export function freeId(document: FlowDocument, base: string): string {
  const taken = asMap(document.nodes);
  const stem = NODE_ID.test(base) ? base : "node";
  if (!(stem in taken)) return stem;
  const short = stem.replace(/-\d+$/, "").slice(0, 58);
  let number = 2;
  while (`${short}-${number}` in taken) number += 1;
  return `${short}-${number}`;
}

/** The node with these parts changed; a part that is undefined or empty is left out. */
export function changeNode(document: FlowDocument, id: string, change: Partial<FlowNode>): FlowDocument {
  const nodes = asMap(document.nodes);
  const changed = Object.entries({ ...asMap(nodes[id]), ...change }).filter(([, value]) => !isEmpty(value));
  return { ...document, nodes: { ...nodes, [id]: Object.fromEntries(changed) } };
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);

export function addNode(document: FlowDocument, id: string, node: FlowNode, at: Spot): FlowDocument {
  return placeNodes(changeNode(document, id, node), { [id]: at });
}

/** Where an outcome leads; null takes the branch away. */
export function connect(document: FlowDocument, from: string, outcome: string, to: string | null): FlowDocument {
  const branches = without(asMap(asMap(asMap(document.nodes)[from]).branches), outcome) as Named<string>;
  return changeNode(document, from, { branches: to === null ? branches : { ...branches, [outcome]: to } });
}

export function placeNodes(document: FlowDocument, spots: Named<Spot>): FlowDocument {
  const rounded = Object.entries(spots).map(([id, { x, y }]) => [id, { x: Math.round(x), y: Math.round(y) }]);
  return { ...document, layout: { ...asMap(document.layout), ...(Object.fromEntries(rounded) as Named<Spot>) } };
}

/** Under another id, wherever it is named; the order stays. */
export function renameNode(document: FlowDocument, from: string, to: string): FlowDocument {
  const key = <T>(map: Named<T>) => Object.fromEntries(Object.entries(map).map(([id, value]) => [id === from ? to : id, value]));
  return retarget({ ...document, nodes: key(asMap(document.nodes)), ...layoutPart(key(asMap(document.layout))) }, (id) =>
    id === from ? to : id,
  );
}

/** Without these nodes, the branches to them and the keys that led there. */
export function deleteNodes(document: FlowDocument, ids: readonly string[]): FlowDocument {
  const gone = new Set(ids);
  const keep = <T>(map: Named<T>) => Object.fromEntries(Object.entries(map).filter(([id]) => !gone.has(id)));
  const rest = { ...document, nodes: keep(asMap(document.nodes)), ...layoutPart(keep(asMap(document.layout))) };
  return retarget(rest, (id) => (gone.has(id) ? null : id));
}

function layoutPart(layout: Named<unknown>): { layout?: Named<unknown> } {
  return { layout: Object.keys(layout).length > 0 ? layout : undefined };
}

/** Each place that names a node says what `move` makes of it; null takes a branch or a key away. */
function retarget(document: FlowDocument, move: (id: string) => string | null): FlowDocument {
  const moved = (map: Named<unknown>) =>
    Object.fromEntries(
      Object.entries(map)
        .map(([name, target]) => [name, typeof target === "string" ? move(target) : target])
        .filter(([, target]) => target !== null),
    ) as Named<unknown>;
  const changed = { ...document };
  for (const name of ["entry", "person"] as const) {
    // A flow without one of these cannot be read: a deleted node stays named here, and the check says so.
    if (typeof document[name] === "string") changed[name] = move(document[name]) ?? document[name];
  }
  if (document.keys !== undefined) changed.keys = moved(asMap(document.keys));
  if (changed.layout === undefined) delete changed.layout;
  changed.nodes = Object.fromEntries(
    Object.entries(asMap(document.nodes)).map(([id, raw]) => {
      const node = asMap(raw);
      if (!Object.values(asMap(node.branches)).some((to) => typeof to === "string" && move(to) !== to)) return [id, raw];
      return [id, { ...node, branches: moved(asMap(node.branches)) }];
    }),
  );
  return changed;
}

export function copyNodes(document: FlowDocument, ids: readonly string[], spots: Named<Spot>): CopiedNodes {
  const nodes = nodesOf(document);
  const there = ids.filter((id) => id in nodes);
  return {
    nodes: Object.fromEntries(there.map((id) => [id, nodes[id]!])),
    layout: Object.fromEntries(there.map((id) => [id, spots[id] ?? { x: 0, y: 0 }])),
  };
}

/** Copies under new ids: among themselves linked as they were, to the others where those are in this flow. */
export function pasteNodes(document: FlowDocument, copied: CopiedNodes, by: Spot): { document: FlowDocument; ids: string[] } {
  const names = new Map<string, string>();
  let pasted = document;
  for (const [id, node] of Object.entries(copied.nodes)) {
    const fresh = freeId(pasted, id);
    names.set(id, fresh);
    const at = copied.layout[id] ?? { x: 0, y: 0 };
    pasted = addNode(pasted, fresh, node, { x: at.x + by.x, y: at.y + by.y });
  }
  const there = asMap(document.nodes);
  for (const [id, node] of Object.entries(copied.nodes)) {
    const branches = Object.entries(node.branches ?? {})
      .map(([outcome, to]) => [outcome, names.get(to) ?? to] as const)
      .filter(([, to]) => to in there || [...names.values()].includes(to));
    pasted = changeNode(pasted, names.get(id)!, { branches: Object.fromEntries(branches) });
  }
  return { document: pasted, ids: [...names.values()] };
}

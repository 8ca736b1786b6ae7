import { asMap, entryOf, type FlowNode, keysOf, nodesOf, personOf } from "./edits";
import type { FlowAction } from "./actions";
import type { FlowDocument } from "../flows";

/** The outcomes of a node: those its options name first, then the action's own, then branches that belong to none. */
export function outcomesOf(node: FlowNode, action: FlowAction | undefined): string[] {
  const named = action ? namedOutcomes(node.options, action.outcomes_from) : [];
  const fixed = action ? action.outcomes.map((each) => each.name) : [];
  return [...new Set([...named, ...fixed, ...Object.keys(node.branches ?? {})])];
}

/** Whether the action has this outcome, with these options; of an unknown action nothing is known. */
export function isOutcome(node: FlowNode, action: FlowAction | undefined, outcome: string): boolean {
  return !action || outcomesOf({ ...node, branches: {} }, action).includes(outcome);
}

/** What the options name at `from`, such as `keys` or `cases.*.outcome`. */
export function namedOutcomes(options: unknown, from: string): string[] {
  if (from === "") return [];
  let found: unknown[] = [options];
  for (const part of from.split(".")) {
    found = part === "*" ? found.flatMap((each) => (Array.isArray(each) ? (each as unknown[]) : [])) : found.map((each) => asMap(each)[part]);
  }
  return found.flat().filter((each): each is string => typeof each === "string");
}

/** The nodes as a caller comes to them, the entry first; those nobody comes to are last. */
export function flowOrder(document: FlowDocument, actions: Map<string, FlowAction>): string[] {
  const nodes = nodesOf(document);
  const seen = new Set<string>();
  const queue = [entryOf(document), personOf(document), ...Object.values(keysOf(document))];
  const visit = (start: string) => {
    const todo = [start];
    while (todo.length > 0) {
      const id = todo.shift()!;
      const node = nodes[id];
      if (!node || seen.has(id)) continue;
      seen.add(id);
      for (const outcome of outcomesOf(node, actions.get(node.action))) todo.push(node.branches?.[outcome] ?? "");
    }
  };
  for (const start of [...queue, ...Object.keys(nodes)]) visit(start);
  return [...seen];
}

export type Arrow = "ArrowRight" | "ArrowLeft" | "ArrowDown" | "ArrowUp";

/** Where an arrow key goes: right along the first branch, left to who leads here, up and down among neighbours. */
export function neighbour(document: FlowDocument, actions: Map<string, FlowAction>, from: string, arrow: Arrow): string | null {
  const nodes = nodesOf(document);
  const targets = (id: string) => {
    const node = nodes[id];
    const found = node ? outcomesOf(node, actions.get(node.action)).map((outcome) => node.branches?.[outcome] ?? "") : [];
    return [...new Set(found)].filter((to) => to in nodes);
  };
  if (arrow === "ArrowRight") return targets(from)[0] ?? null;
  const parent = Object.keys(nodes).find((id) => id !== from && targets(id).includes(from));
  if (arrow === "ArrowLeft") return parent ?? null;
  const siblings = parent ? targets(parent) : Object.keys(nodes);
  return siblings[siblings.indexOf(from) + (arrow === "ArrowDown" ? 1 : -1)] ?? null;
}

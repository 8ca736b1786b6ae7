import { placeOf } from "../findings";
import type { FlowProblem } from "../flows";

/** The problems of each node; "" holds those of the flow as a whole. */
export function byNode(problems: readonly FlowProblem[]): Map<string, FlowProblem[]> {
  const found = new Map<string, FlowProblem[]>();
  for (const problem of problems) {
    const [top, id = ""] = placeOf(problem).split(".");
    const node = top === "nodes" ? id : "";
    found.set(node, [...(found.get(node) ?? []), problem]);
  }
  return found;
}

/** Those at this part of a node, such as `options.patience`, and below it. */
export function problemsAt(problems: readonly FlowProblem[], id: string, part: string): FlowProblem[] {
  const path = `nodes.${id}.${part}`;
  return problems.filter((problem) => `${placeOf(problem)}.`.startsWith(`${path}.`));
}

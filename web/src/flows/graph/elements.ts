import { type Edge, MarkerType, type Node, Position } from "@xyflow/react";
import type { FlowDocument, FlowProblem } from "../flows";
import type { FlowActions, FlowWords } from "./actions";
import { entryOf, type FlowNode, keysOf, nodesOf, personOf, type Spot } from "./edits";
import { HEAD, heightOf, ROW, WIDTH } from "./layout";
import type { GraphMarks, MarkTone } from "./marks";
import { outcomesOf } from "./outcomes";
import { byNode } from "./problemsAt";

export interface CardData extends Record<string, unknown> {
  action: string;
  actionWord: string;
  label: string;
  outcomes: { name: string; word: string }[];
  entry: boolean;
  person: boolean;
  /** Keys that lead here from everywhere. */
  keys: string;
  errors: number;
  warnings: number;
  says: string;
  tone?: MarkTone;
  count?: number;
}

export type CardNode = Node<CardData, "card">;

interface Subject {
  document: FlowDocument;
  actions: FlowActions;
  problems: readonly FlowProblem[];
  marks?: GraphMarks;
  words: FlowWords;
}

/** The nodes as they are drawn; their sizes and handles are known, so that one out of sight need not be measured. */
export function cardsOf(subject: Subject, spots: Record<string, Spot>, selected: ReadonlySet<string>): CardNode[] {
  const problems = byNode(subject.problems);
  return Object.entries(nodesOf(subject.document)).map(([id, node]) => {
    const data = cardData(subject, id, node, problems.get(id) ?? []);
    const height = heightOf(data.outcomes.length);
    return {
      id,
      type: "card",
      position: spots[id] ?? { x: 0, y: 0 },
      data,
      width: WIDTH,
      height,
      // Else the view waits to be fitted until nodes have been measured that it does not draw.
      measured: { width: WIDTH, height },
      selected: selected.has(id),
      handles: [
        { id: "in", type: "target", position: Position.Left, x: -5, y: HEAD / 2 - 5, width: 10, height: 10 },
        ...data.outcomes.map(({ name }, at) => ({
          id: name,
          type: "source" as const,
          position: Position.Right,
          x: WIDTH - 5,
          y: HEAD + at * ROW + ROW / 2 - 5,
          width: 10,
          height: 10,
        })),
      ],
    };
  });
}

function cardData(subject: Subject, id: string, node: FlowNode, problems: readonly FlowProblem[]): CardData {
  const { document, actions, words, marks } = subject;
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const keys = Object.entries(keysOf(document)).filter(([, to]) => to === id);
  return {
    action: node.action,
    actionWord: words.action(node.action),
    label: node.label ?? "",
    outcomes: outcomesOf(node, actions.get(node.action)).map((name) => ({ name, word: words.outcome(node.action, name) })),
    entry: entryOf(document) === id,
    person: personOf(document) === id,
    keys: keys.map(([key]) => key).join(" "),
    errors,
    warnings: problems.filter(({ severity }) => severity === "warning").length,
    says: problems.map((problem) => words.finding(problem.message)).join("\n"),
    tone: marks?.nodes?.[id]?.tone,
    count: marks?.nodes?.[id]?.count,
  };
}

/** A line for each branch to a node that there is. */
export function edgesOf({ document, marks }: Pick<Subject, "document" | "marks">): Edge[] {
  const nodes = nodesOf(document);
  return Object.entries(nodes).flatMap(([id, node]) =>
    Object.entries(node.branches ?? {})
      .filter(([, to]) => to in nodes)
      .map(([outcome, to]) => {
        const mark = marks?.edges?.[`${id}.${outcome}`];
        return {
          id: `${id}.${outcome}`,
          source: id,
          sourceHandle: outcome,
          target: to,
          targetHandle: "in",
          className: mark?.tone && `graph-edge-${mark.tone}`,
          label: mark?.count,
          markerEnd: { type: MarkerType.ArrowClosed },
        };
      }),
  );
}

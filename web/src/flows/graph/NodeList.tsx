import { Button, Input } from "antd";
import { memo, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "../../ui/EmptyState";
import { StatusTag } from "../../ui/StatusTag";
import { keyOf, TONES, useFindingText } from "../findings";
import type { FlowDocument, FlowProblem } from "../flows";
import { type FlowActions, useFlowWords } from "./actions";
import { AddNode } from "./AddNode";
import { addNode, asMap, entryOf, freeId, keysOf, nodesOf, personOf, without } from "./edits";
import { spotsOf } from "./layout";
import { flowOrder, outcomesOf } from "./outcomes";
import { byNode } from "./problemsAt";
import type { FlowEdits } from "./useFlowEdits";

interface Props {
  document: FlowDocument;
  actions: FlowActions;
  problems: readonly FlowProblem[];
  readOnly: boolean;
  selected: string | null;
  edits: FlowEdits;
  onSelect: (id: string | null) => void;
}

/** The whole flow without a graph: its nodes as a caller comes to them, each opening to its form. */
export function NodeList({ document, actions, problems, readOnly, selected, edits, onSelect }: Props) {
  const { t } = useTranslation();
  const words = useFlowWords(actions);
  const [sought, setSought] = useState("");
  const nodes = nodesOf(document);
  const order = useMemo(() => flowOrder(document, actions), [document, actions]);
  const found = useMemo(() => byNode(problems), [problems]);
  const named = (id: string) => (nodes[id]?.label ? `${nodes[id].label} ${id}` : id);

  function add(name: string) {
    const id = freeId(document, name.replaceAll("_", "-"));
    const added = addNode(document, id, { action: name, options: actions.get(name)?.example }, { x: 0, y: 0 });
    // Where the graph finds a free place for it.
    const layout = without(asMap(added.layout), id);
    const unplaced = { ...added, layout };
    edits.change({ ...unplaced, layout: { ...layout, [id]: spotsOf(unplaced, actions)[id] } });
    onSelect(id);
  }
  const flags = (id: string) => [
    ...(entryOf(document) === id ? [t("flowGraph.entry")] : []),
    ...(personOf(document) === id ? [t("flowGraph.person")] : []),
    ...Object.entries(keysOf(document))
      .filter(([, to]) => to === id)
      .map(([key]) => t("flowGraph.key", { key })),
  ];
  return (
    <div className="graph-list" data-testid="flow-list">
      <div className="graph-bar">
        <Input
          className="graph-find"
          allowClear
          value={sought}
          placeholder={t("flowGraph.find")}
          aria-label={t("flowGraph.find")}
          onChange={(event) => setSought(event.target.value)}
        />
        {!readOnly && <AddNode actions={actions} words={words} onAdd={add} />}
      </div>
      {order.length === 0 && <EmptyState title={t("flowGraph.empty")} hint={t("flowGraph.emptyHint")} />}
      <table>
        <caption className="only-spoken">{t("flowGraph.list")}</caption>
        <thead>
          <tr>
            {(["node", "action", "branches", "problems"] as const).map((name) => (
              <th key={name} scope="col">
                {t(`flowGraph.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {order
            .filter((id) => named(id).toLowerCase().includes(sought.trim().toLowerCase()))
            .map((id) => (
              <Row
                key={id}
                id={id}
                name={nodes[id]!.label || id}
                action={words.action(nodes[id]!.action)}
                flags={flags(id).join(" · ")}
                branches={outcomesOf(nodes[id]!, actions.get(nodes[id]!.action))
                  .map((outcome) => `${words.outcome(nodes[id]!.action, outcome)} → ${named(nodes[id]!.branches?.[outcome] ?? "—")}`)
                  .join("\n")}
                problems={found.get(id)}
                selected={selected === id}
                onSelect={onSelect}
              />
            ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  id: string;
  name: string;
  action: string;
  flags: string;
  /** A line each. */
  branches: string;
  problems: readonly FlowProblem[] | undefined;
  selected: boolean;
  onSelect: (id: string) => void;
}

const Row = memo(function Row({ id, name, action, flags, branches, problems = [], selected, onSelect }: RowProps) {
  const { t } = useTranslation();
  const say = useFindingText();
  return (
    <tr data-testid={`row-${id}`} data-selected={selected}>
      <th scope="row">
        <Button type="link" aria-current={selected} onClick={() => onSelect(id)}>
          {name}
        </Button>
        <br />
        <code>{id}</code>
        {flags && <span className="quiet"> {flags}</span>}
      </th>
      <td>{action}</td>
      <td>
        <ul>
          {branches.split("\n").map((branch) => (
            <li key={branch}>{branch || t("flowGraph.endsCall")}</li>
          ))}
        </ul>
      </td>
      <td>
        {problems.map((problem) => (
          <div key={keyOf(problem)}>
            <StatusTag tone={TONES[problem.severity]}>{t(`flows.${problem.severity}One`)}</StatusTag>{" "}
            {say(problem.message)}
          </div>
        ))}
      </td>
    </tr>
  );
});

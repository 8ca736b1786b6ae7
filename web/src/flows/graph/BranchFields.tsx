import { Select } from "antd";
import { useTranslation } from "react-i18next";
import type { FlowDocument, FlowProblem } from "../flows";
import type { FlowActions, FlowWords } from "./actions";
import { connect, type FlowNode, nodesOf } from "./edits";
import { Field } from "./Field";
import { isOutcome, outcomesOf } from "./outcomes";
import type { FlowEdits } from "./useFlowEdits";

interface Props {
  document: FlowDocument;
  id: string;
  node: FlowNode;
  actions: FlowActions;
  words: FlowWords;
  readOnly: boolean;
  at: (part: string) => FlowProblem[];
  edits: FlowEdits;
}

/** Where each outcome leads. */
export function BranchFields({ document, id, node, actions, words, readOnly, at, edits }: Props) {
  const { t } = useTranslation();
  const action = actions.get(node.action);
  const outcomes = outcomesOf(node, action);
  const targets = Object.entries(nodesOf(document)).map(([to, { label }]) => ({ value: to, label: label ? `${label} ${to}` : to }));
  if (outcomes.length === 0) return <p className="quiet">{t("flowGraph.endsCall")}</p>;
  return (
    <>
      <h3>{t("flowGraph.branches")}</h3>
      {outcomes.map((outcome) => {
        const word = words.outcome(node.action, outcome);
        const known = isOutcome(node, action, outcome);
        return (
          <Field
            key={outcome}
            id={`branch-${outcome}`}
            label={known ? word : t("flowGraph.noOutcome", { name: word })}
            problems={at(`branches.${outcome}`)}
          >
            <Select
              id={`branch-${outcome}`}
              showSearch={{ optionFilterProp: "label" }}
              allowClear
              value={node.branches?.[outcome] ?? null}
              placeholder={t("flowGraph.noBranch")}
              status={known && !node.branches?.[outcome] ? "error" : ""}
              disabled={readOnly}
              options={targets}
              onChange={(to: string | null | undefined) => edits.change(connect(document, id, outcome, to ?? null))}
            />
          </Field>
        );
      })}
    </>
  );
}

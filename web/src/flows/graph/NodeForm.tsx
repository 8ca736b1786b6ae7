import { Alert, Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { keyOf, placeOf, useFindingText } from "../findings";
import type { FlowDocument, FlowProblem } from "../flows";
import { type FlowActions, useFlowWords } from "./actions";
import { BranchFields } from "./BranchFields";
import { asMap, changeNode, copyNodes, deleteNodes, entryOf, NODE_ID, nodesOf, pasteNodes, personOf, renameNode, without } from "./edits";
import { Field } from "./Field";
import type { Schema } from "./fields";
import { spotsOf } from "./layout";
import { isOutcome } from "./outcomes";
import { OptionField } from "./OptionField";
import { problemsAt } from "./problemsAt";
import type { FlowEdits } from "./useFlowEdits";

const ALERTS = { error: "error", warning: "warning", hint: "info" } as const;

interface Props {
  document: FlowDocument;
  id: string;
  actions: FlowActions;
  problems: readonly FlowProblem[];
  readOnly: boolean;
  edits: FlowEdits;
  onSelect: (id: string | null) => void;
}

/** All of one node: its names, the options of its action, and where each outcome leads. */
export function NodeForm({ document, id, actions, problems, readOnly, edits, onSelect }: Props) {
  const { t } = useTranslation();
  const words = useFlowWords(actions);
  const say = useFindingText();
  const node = nodesOf(document)[id];
  if (!node) return null;
  const action = actions.get(node.action);
  const schemas = asMap(action?.options.properties);
  const at = (part: string) => problemsAt(problems, id, part);
  const own = problems.filter((problem) => [`nodes.${id}`, `nodes.${id}.branches`].includes(placeOf(problem)));
  const change = (part: string, value: Parameters<typeof changeNode>[2]) =>
    edits.change(changeNode(document, id, value), `${id}.${part}`);

  function take(name: string) {
    const next = { action: name, options: actions.get(name)?.example, branches: node?.branches ?? {} };
    const branches = Object.entries(next.branches).filter(([outcome]) => isOutcome(next, actions.get(name), outcome));
    edits.change(changeNode(document, id, { ...next, branches: Object.fromEntries(branches) }));
  }
  function twice() {
    const pasted = pasteNodes(document, copyNodes(document, [id], spotsOf(document, actions)), { x: 40, y: 40 });
    edits.change(pasted.document);
    onSelect(pasted.ids[0] ?? null);
  }
  return (
    <section className="graph-form" aria-label={t("flowGraph.form", { name: node.label || id })} data-testid="node-form">
      <h2>{node.label || id}</h2>
      {own.map((problem) => (
        <Alert
          key={keyOf(problem)}
          type={ALERTS[problem.severity]}
          title={say(problem.message)}
          description={say(problem.mend)}
        />
      ))}
      <IdField
        key={id}
        document={document}
        id={id}
        disabled={readOnly}
        onRename={(to) => {
          edits.change(renameNode(document, id, to));
          onSelect(to);
        }}
      />
      <Field id="node-label" label={t("flowGraph.label")} problems={at("label")}>
        <Input
          id="node-label"
          value={node.label ?? ""}
          disabled={readOnly}
          onChange={(event) => change("label", { label: event.target.value })}
        />
      </Field>
      <Field id="node-action" label={t("flowGraph.action")} problems={at("action")}>
        <Select
          id="node-action"
          value={node.action}
          disabled={readOnly}
          options={[...new Set([...actions.keys(), node.action])].map((name) => ({ value: name, label: words.action(name) }))}
          onChange={take}
        />
      </Field>
      {action?.degrades && <p className="quiet">{t("flowGraph.degrades")}</p>}
      {Object.entries(schemas).map(([name, schema]) => (
        <Field key={`${id}.${node.action}.${name}`} id={`option-${name}`} label={words.option(node.action, name)} problems={at(`options.${name}`)}>
          <OptionField
            id={`option-${name}`}
            schema={asMap(schema) as Schema}
            value={node.options?.[name]}
            disabled={readOnly}
            choice={(value) => words.choice(node.action, value)}
            onChange={(value) => {
              const rest = without(node.options ?? {}, name);
              change(`options.${name}`, { options: value === undefined ? rest : { ...rest, [name]: value } });
            }}
          />
        </Field>
      ))}
      <BranchFields document={document} id={id} node={node} actions={actions} words={words} readOnly={readOnly} at={at} edits={edits} />
      <Field id="node-note" label={t("flowGraph.note")} problems={at("note")}>
        <Input.TextArea
          id="node-note"
          value={node.note ?? ""}
          maxLength={2000}
          disabled={readOnly}
          autoSize={{ minRows: 2, maxRows: 8 }}
          onChange={(event) => change("note", { note: event.target.value })}
        />
      </Field>
      {!readOnly && (
        <div className="graph-form-buttons">
          {entryOf(document) !== id && (
            <Button onClick={() => edits.change({ ...document, entry: id })}>{t("flowGraph.makeEntry")}</Button>
          )}
          {personOf(document) !== id && (
            <Button onClick={() => edits.change({ ...document, person: id })}>{t("flowGraph.makePerson")}</Button>
          )}
          <Button onClick={twice}>{t("flowGraph.duplicate")}</Button>
          <Button
            danger
            onClick={() => {
              edits.change(deleteNodes(document, [id]));
              onSelect(null);
            }}
            data-testid="node-delete"
          >
            {t("flowGraph.remove")}
          </Button>
        </div>
      )}
    </section>
  );
}

interface IdProps {
  document: FlowDocument;
  id: string;
  disabled: boolean;
  onRename: (to: string) => void;
}

/** Taken on Enter or when the field is left: half an id is none. */
function IdField({ document, id, disabled, onRename }: IdProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(id);
  const taken = typed !== id && typed in nodesOf(document);
  const valid = NODE_ID.test(typed) && !taken;
  const take = () => valid && typed !== id && onRename(typed);
  return (
    <Field id="node-id" label={t("flowGraph.id")}>
      <Input
        id="node-id"
        value={typed}
        disabled={disabled}
        status={valid ? "" : "error"}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={take}
        onPressEnter={take}
      />
      {!valid && (
        <span className="graph-field-error" role="alert">
          {t(taken ? "flowGraph.idTaken" : "flowGraph.idForm")}
        </span>
      )}
    </Field>
  );
}

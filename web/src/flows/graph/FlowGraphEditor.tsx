import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../ui/Failed";
import { SideDrawer } from "../../ui/SideDrawer";
import { useNarrow } from "../../ui/useNarrow";
import type { FlowDocument, FlowProblem } from "../flows";
import { useFlowActions } from "./actions";
import { nodesOf } from "./edits";
import { FlowGraph } from "./FlowGraph";
import { keptInPlace } from "./layout";
import type { GraphMarks } from "./marks";
import { NodeForm } from "./NodeForm";
import { NodeList } from "./NodeList";
import { type FlowEdits, useFlowEdits } from "./useFlowEdits";

interface Props {
  document: FlowDocument;
  problems: readonly FlowProblem[];
  readOnly: boolean;
  view: "graph" | "list";
  onChange: (document: FlowDocument) => void;
  marks?: GraphMarks;
  /** The problem whose node is shown; the same one again is another object. */
  shown?: ShownNode | null;
  /** In the place of the node's form. */
  beside?: ReactNode;
}

/** A problem, or a step of a simulated call. */
export type ShownNode = Pick<FlowProblem, "node">;

/** A flow as a graph or as a list, with the form of the selected node beside it. */
export default function FlowGraphEditor({ document, problems, readOnly, view, onChange, marks, shown = null, beside }: Props) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const { query, actions } = useFlowActions();
  const history = useFlowEdits(document, onChange);
  const edits: FlowEdits = { ...history, change: (next, tag) => history.change(keptInPlace(document, next, actions), tag) };
  const [selected, setSelected] = useState<string | null>(null);
  const [last, setLast] = useState<ShownNode | null>(null);
  const form = useRef<HTMLDivElement>(null);
  if (shown !== last) {
    setLast(shown);
    if (shown && shown.node in nodesOf(document)) setSelected(shown.node);
  }
  const open = selected !== null && selected in nodesOf(document) ? selected : null;
  const toForm = () => form.current?.querySelector<HTMLElement>("#node-label")?.focus();
  useEffect(() => {
    if (view === "list" && open !== null && !narrow) form.current?.scrollIntoView({ block: "nearest" });
  }, [narrow, open, view]);

  function onKey(event: KeyboardEvent) {
    const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea") !== null;
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || typing || readOnly) return;
    if (event.shiftKey) edits.redo();
    else edits.undo();
    event.preventDefault();
  }
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <div className="graph-canvas" aria-busy="true" />;
  const parts = { document, actions, problems, readOnly, edits, onSelect: setSelected };
  const fields = open !== null && <NodeForm {...parts} id={open} />;
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- undo and redo in everything within
    <div className={(open !== null || beside) && !narrow ? "graph-editor" : "graph-editor graph-editor-alone"} onKeyDown={onKey}>
      {narrow && beside}
      {view === "graph" ? (
        <FlowGraph {...parts} selected={open} marks={marks} shown={shown} onOpen={toForm} />
      ) : (
        <NodeList {...parts} selected={open} />
      )}
      {narrow ? (
        <SideDrawer open={open !== null} title={t("flowGraph.node")} onClose={() => setSelected(null)}>
          {fields}
        </SideDrawer>
      ) : (
        <div ref={form} hidden={open === null && !beside}>
          {beside ?? fields}
        </div>
      )}
    </div>
  );
}

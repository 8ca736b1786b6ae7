import {
  CompressOutlined,
  PartitionOutlined,
  RedoOutlined,
  UndoOutlined,
  ZoomInOutlined,
  ZoomOutOutlined,
} from "@ant-design/icons";
import { useReactFlow } from "@xyflow/react";
import { Button, Select } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { FlowDocument } from "../flows";
import { AddNode } from "./AddNode";
import type { FlowActions, FlowWords } from "./actions";
import { addNode, freeId, nodesOf, placeNodes } from "./edits";
import { arranged } from "./layout";
import type { FlowEdits } from "./useFlowEdits";

interface Props {
  document: FlowDocument;
  actions: FlowActions;
  words: FlowWords;
  readOnly: boolean;
  edits: FlowEdits;
  onFind: (id: string) => void;
}

/** Above the graph: find a node, add one, lay all out, and how much is seen. */
export function GraphBar({ document, actions, words, readOnly, edits, onFind }: Props) {
  const { t } = useTranslation();
  const view = useReactFlow();
  const nodes = Object.entries(nodesOf(document));

  function add(name: string) {
    const id = freeId(document, name.replaceAll("_", "-"));
    const box = window.document.querySelector(".graph-canvas")?.getBoundingClientRect();
    const at = view.screenToFlowPosition({ x: (box?.left ?? 0) + (box?.width ?? 0) / 2, y: (box?.top ?? 0) + (box?.height ?? 0) / 2 });
    edits.change(addNode(document, id, { action: name, options: actions.get(name)?.example }, at));
    onFind(id);
  }
  function arrange() {
    edits.change(placeNodes(document, arranged(document, actions)));
    window.requestAnimationFrame(() => void view.fitView({ maxZoom: 1, padding: 0.1 }));
  }
  return (
    <div className="graph-bar">
      <Select
        className="graph-find"
        showSearch={{ optionFilterProp: "label" }}
        value={null}
        placeholder={t("flowGraph.find")}
        aria-label={t("flowGraph.find")}
        onChange={(id: string | null) => id !== null && onFind(id)}
        options={nodes.map(([id, node]) => ({ value: id, label: node.label ? `${node.label} ${id}` : id }))}
        data-testid="graph-find"
      />
      {!readOnly && (
        <>
          <AddNode actions={actions} words={words} onAdd={add} />
          <Tool label={t("flowGraph.arrange")} icon={<PartitionOutlined />} onClick={arrange} />
          <Tool label={t("flowGraph.undo")} icon={<UndoOutlined />} onClick={edits.undo} disabled={!edits.canUndo} />
          <Tool label={t("flowGraph.redo")} icon={<RedoOutlined />} onClick={edits.redo} disabled={!edits.canRedo} />
        </>
      )}
      <Tool label={t("flowGraph.zoomIn")} icon={<ZoomInOutlined />} onClick={() => void view.zoomIn()} />
      <Tool label={t("flowGraph.zoomOut")} icon={<ZoomOutOutlined />} onClick={() => void view.zoomOut()} />
      <Tool label={t("flowGraph.fit")} icon={<CompressOutlined />} onClick={() => void view.fitView({ maxZoom: 1, padding: 0.1 })} />
    </div>
  );
}

function Tool({ label, ...button }: { label: string; icon: ReactNode; onClick: () => void; disabled?: boolean }) {
  return <Button aria-label={label} title={label} {...button} />;
}

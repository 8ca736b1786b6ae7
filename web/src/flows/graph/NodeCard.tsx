import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { ActionIcon } from "./ActionIcon";
import type { CardData, CardNode } from "./elements";
import { HEAD, ROW } from "./layout";

/** One node: what it does, what it is called, and a handle for each way out of it. */
function Card({ id, data, selected, isConnectable }: NodeProps<CardNode>) {
  const { t } = useTranslation();
  const tone = data.tone ? ` graph-card-${data.tone}` : "";
  return (
    <div className={`graph-card${tone}${selected ? " graph-card-selected" : ""}`} data-testid={`node-${id}`}>
      <Handle type="target" id="in" position={Position.Left} style={{ top: HEAD / 2 }} isConnectable={isConnectable} />
      <div className="graph-card-head">
        <span className="graph-card-icon">
          <ActionIcon action={data.action} />
        </span>
        <span className="graph-card-names">
          <strong>{data.label || id}</strong>
          <span>
            {data.actionWord} · <code>{id}</code>
          </span>
        </span>
        <Problems data={data} />
      </div>
      {(data.entry || data.person || data.keys || data.count !== undefined) && (
        <div className="graph-card-flags">
          {data.entry && <span>{t("flowGraph.entry")}</span>}
          {data.person && <span>{t("flowGraph.person")}</span>}
          {data.keys && <span>{t("flowGraph.key", { key: data.keys })}</span>}
          {data.count !== undefined && <span className="graph-count">{data.count}</span>}
        </div>
      )}
      {data.outcomes.map(({ name, word }, at) => (
        <div key={name} className="graph-outcome" style={{ height: ROW }}>
          {word}
          <Handle
            type="source"
            id={name}
            position={Position.Right}
            style={{ top: HEAD + at * ROW + ROW / 2 }}
            isConnectable={isConnectable}
          />
        </div>
      ))}
    </div>
  );
}

function Problems({ data }: { data: CardData }) {
  const { t } = useTranslation();
  if (data.errors + data.warnings === 0) return null;
  const text = data.errors > 0 ? t("flowGraph.errors", { count: data.errors }) : t("flowGraph.warnings", { count: data.warnings });
  return (
    <span className={data.errors > 0 ? "graph-badge graph-badge-error" : "graph-badge"} title={data.says}>
      {text}
    </span>
  );
}

const alike = (one: CardData, other: CardData) => one === other || JSON.stringify(one) === JSON.stringify(other);

export const NodeCard = memo(
  Card,
  (one, other) => one.selected === other.selected && one.isConnectable === other.isConnectable && alike(one.data, other.data),
);

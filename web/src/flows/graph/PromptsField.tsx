import { ArrowUpOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { type PromptRow, SPOKEN } from "./fields";

interface Props {
  id: string;
  rows: PromptRow[];
  disabled: boolean;
  onChange: (rows: PromptRow[]) => void;
}

/** What is said, in order: prompts by their ids, and values that are read out. */
export function PromptsField({ id, rows, disabled, onChange }: Props) {
  const { t } = useTranslation();
  const put = (at: number, row: PromptRow) => onChange(rows.map((each, place) => (place === at ? row : each)));
  return (
    <>
      {rows.map((row, at) => (
        <div key={at} className="graph-prompt">
          <Select
            value={row.kind}
            disabled={disabled}
            aria-label={t("flowGraph.promptKind", { number: at + 1 })}
            style={{ width: 104, flex: "none" }}
            options={SPOKEN.map((kind) => ({ value: kind, label: t(`flowGraph.spoken.${kind || "prompt"}`) }))}
            onChange={(kind) => put(at, { ...row, kind })}
          />
          <Input
            value={row.text}
            id={at === 0 ? id : undefined}
            disabled={disabled}
            aria-label={at === 0 ? undefined : t("flowGraph.prompt", { number: at + 1 })}
            onChange={(event) => put(at, { ...row, text: event.target.value })}
          />
          {!disabled && at > 0 && (
            <Button
              icon={<ArrowUpOutlined />}
              aria-label={t("flowGraph.promptUp", { number: at + 1 })}
              onClick={() => onChange([...rows.slice(0, at - 1), row, rows[at - 1]!, ...rows.slice(at + 1)])}
            />
          )}
          {!disabled && (
            <Button
              icon={<DeleteOutlined />}
              aria-label={t("flowGraph.promptRemove", { number: at + 1 })}
              onClick={() => onChange(rows.filter((_, place) => place !== at))}
            />
          )}
        </div>
      ))}
      {!disabled && (
        <Button
          id={rows.length === 0 ? id : undefined}
          icon={<PlusOutlined />}
          onClick={() => onChange([...rows, { kind: "", text: "" }])}
          style={{ justifySelf: "start" }}
        >
          {t("flowGraph.promptAdd")}
        </Button>
      )}
      {disabled && rows.length === 0 && <Input id={id} disabled value="" />}
    </>
  );
}

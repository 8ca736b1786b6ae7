import { Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { durationOf, secondsOf } from "./duration";
import { fieldOf, promptsOf, rowsOf, type Schema } from "./fields";
import { PromptsField } from "./PromptsField";

interface Props {
  id: string;
  schema: Schema;
  /** Undefined where the option is left out; what holds then is shown faintly. */
  value: unknown;
  disabled: boolean;
  choice: (value: string) => string;
  onChange: (value: unknown) => void;
}

const KEYS = [..."1234567890*#"];

/** One option, entered as its schema says. */
export function OptionField({ id, schema, value, disabled, choice, onChange }: Props) {
  const { t } = useTranslation();
  const field = fieldOf(schema);
  const shown = value === undefined ? schema.default : value;
  const common = { id, disabled, style: { width: "100%" } };
  const chosen = (values: readonly string[]) => values.map((each) => ({ value: each, label: choice(each) }));
  switch (field.kind) {
    case "switch":
      return <Switch id={id} disabled={disabled} checked={shown === true} onChange={onChange} style={{ justifySelf: "start" }} />;
    case "number":
      return (
        <InputNumber
          {...common}
          min={field.low}
          max={field.high}
          precision={field.whole ? 0 : undefined}
          value={typeof shown === "number" ? shown : null}
          onChange={(number) => onChange(number ?? undefined)}
        />
      );
    case "duration":
      return (
        <InputNumber
          {...common}
          min={0}
          value={secondsOf(shown)}
          suffix={t("flowGraph.seconds")}
          onChange={(seconds) => onChange(seconds === null ? undefined : durationOf(seconds))}
        />
      );
    case "choice":
      return <Select {...common} value={typeof shown === "string" ? shown : null} options={chosen(field.values)} onChange={onChange} />;
    case "choices":
    case "keys":
      return (
        <Select
          {...common}
          mode="multiple"
          value={Array.isArray(shown) ? (shown as string[]) : []}
          options={chosen(field.kind === "keys" ? KEYS : field.values)}
          onChange={onChange}
        />
      );
    case "texts":
      return (
        <Select
          {...common}
          mode="tags"
          tokenSeparators={[",", "，", " "]}
          value={Array.isArray(shown) ? shown.map(String) : []}
          onChange={onChange}
        />
      );
    case "prompts":
      return <PromptsField id={id} rows={rowsOf(shown)} disabled={disabled} onChange={(rows) => onChange(promptsOf(rows))} />;
    case "json":
      return <JsonField id={id} value={shown} disabled={disabled} onChange={onChange} />;
    case "text":
      return (
        <Input
          {...common}
          value={typeof shown === "string" ? shown : ""}
          onChange={(event) => onChange(event.target.value === (schema.default ?? "") ? undefined : event.target.value)}
        />
      );
  }
}

/** A part without a form of its own, as JSON; what cannot be read stays as typed, and says so. */
function JsonField({ id, value, disabled, onChange }: Pick<Props, "id" | "value" | "disabled" | "onChange">) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  return (
    <>
      <Input.TextArea
        id={id}
        disabled={disabled}
        autoSize={{ minRows: 3, maxRows: 12 }}
        spellCheck={false}
        status={wrong ? "error" : ""}
        value={typed ?? JSON.stringify(value ?? null, null, 1)}
        onChange={(event) => {
          setTyped(event.target.value);
          try {
            onChange(JSON.parse(event.target.value));
            setWrong(false);
          } catch {
            setWrong(true);
          }
        }}
        onBlur={() => !wrong && setTyped(null)}
      />
      {wrong && (
        <span className="graph-field-error" role="alert">
          {t("flowGraph.notJson")}
        </span>
      )}
    </>
  );
}

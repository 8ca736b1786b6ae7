import { Alert, Button, Form, Radio, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { ImportView } from "../../api/types";
import { Failed } from "../Failed";
import { columnName, missingColumn } from "./steps";

interface Props {
  view: ImportView;
  onChecking: (view: ImportView) => void;
  onCancel: () => void;
}

/** Which encoding reads right, where that is in doubt, and which column of the file is which. */
export function ImportSetup({ view, onChecking, onCancel }: Props) {
  const { t, i18n } = useTranslation();
  const choices = view.encodings;
  const [encoding, setEncoding] = useState(view.encoding ?? (choices.length > 1 ? null : choices[0]!.encoding));
  const chosen = choices.find((choice) => choice.encoding === encoding) ?? choices[0]!;
  const begun = Object.keys(view.mapping).length > 0 && view.encoding === chosen.encoding ? view.mapping : chosen.mapping;
  const [mapping, setMapping] = useState<Record<string, number>>(begun);
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false });
  const header = chosen.preview[0] ?? [];
  const undecided = choices.length > 1 && encoding === null;
  const missing = missingColumn(view.columns, mapping);

  function choose(value: typeof encoding) {
    setEncoding(value);
    setMapping(choices.find((choice) => choice.encoding === value)?.mapping ?? {});
  }
  async function check() {
    setState({ busy: true });
    try {
      const body = { version: view.version, encoding, mapping };
      const path = { kind: view.kind, import_id: view.id };
      onChecking(await unwrap(api.POST("/api/imports/{kind}/{import_id}/check", { params: { path }, body })));
    } catch (error) {
      setState({ busy: false, error });
    }
  }
  return (
    <div data-testid="import-setup">
      {view.problem && <Alert type="error" showIcon title={t("import.failed")} description={view.problem} className="form-note" />}
      {state.error !== undefined && <Failed error={state.error} title={t("import.failed")} onRetry={() => void check()} />}
      {choices.length > 1 && (
        <fieldset className="import-encodings">
          <legend>{t("import.whichEncoding")}</legend>
          <Radio.Group value={encoding} onChange={(event) => choose(event.target.value as typeof encoding)}>
            {choices.map((choice) => (
              <Radio key={choice.encoding} value={choice.encoding}>
                {choice.encoding}
                <Preview rows={choice.preview} />
              </Radio>
            ))}
          </Radio.Group>
        </fieldset>
      )}
      {!undecided && (
        <>
          {choices.length === 1 && <Preview rows={chosen.preview} />}
          <p>{t("import.whichColumns")}</p>
          <Form layout="horizontal" className="import-columns">
            {view.columns.map((column) => (
              <Form.Item key={column.key} label={columnName(column, i18n.language)} required={column.required} htmlFor={`import-${column.key}`}>
                <Select
                  id={`import-${column.key}`}
                  allowClear={!column.required}
                  placeholder={t("import.notInFile")}
                  value={mapping[column.key]}
                  options={header.map((cell, place) => ({ value: place, label: `${place + 1}. ${cell || "—"}` }))}
                  onChange={(place: number | undefined) => {
                    const others = Object.entries(mapping).filter(([key]) => key !== column.key);
                    setMapping(Object.fromEntries(place === undefined ? others : [...others, [column.key, place]]));
                  }}
                />
              </Form.Item>
            ))}
          </Form>
        </>
      )}
      {!undecided && missing && <p className="quiet">{t("import.needs", { column: columnName(missing, i18n.language) })}</p>}
      <div className="form-buttons">
        <Button type="primary" loading={state.busy} disabled={undecided || missing !== undefined} onClick={() => void check()} data-testid="import-check">
          {t("import.check")}
        </Button>
        <Button onClick={onCancel}>{t("import.again")}</Button>
      </div>
    </div>
  );
}

function Preview({ rows }: { rows: string[][] }) {
  const { t } = useTranslation();
  return (
    // Wider than a phone: who uses the keyboard scrolls it too.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="import-preview" tabIndex={0} role="region" aria-label={t("import.preview")}>
      <table>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

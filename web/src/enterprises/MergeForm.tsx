import { Button, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { DuplicatePair, EnterpriseRow, MergeBody } from "../api/types";
import { Failed } from "../ui/Failed";
import { differing, MERGE_FIELDS, type MergeField, takes } from "./merge";

interface Props {
  pair: DuplicatePair;
  onDone: () => void;
}

/** Which of the two stays, and whose value each field that differs has afterwards. */
export function MergeForm({ pair, onDone }: Props) {
  const { t } = useTranslation();
  const [kept, setKept] = useState(pair.first.id);
  const [chosen, setChosen] = useState<Partial<Record<MergeField, string>>>({});
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false });
  const survivor = kept === pair.first.id ? pair.first : pair.second;
  const merged = kept === pair.first.id ? pair.second : pair.first;
  const said = (field: MergeField, row: EnterpriseRow) => {
    const value = row[field];
    if (field === "kind") return t(`pop.kind.${row.kind}`);
    if (field === "size") return row.size ? t(`pop.size.${row.size}`) : "—";
    return typeof value === "boolean" ? (value ? "✓" : "✗") : value || "—";
  };

  async function merge() {
    setState({ busy: true });
    const body: MergeBody = {
      survivor_id: survivor.id,
      survivor_version: survivor.version,
      merged_id: merged.id,
      merged_version: merged.version,
      take: takes(survivor, merged, chosen),
    };
    try {
      await unwrap(api.POST("/api/enterprise-merges", { body }));
      onDone();
    } catch (error) {
      setState({ busy: false, error });
    }
  }
  return (
    <div className="merge-form">
      <p>{t("enterprises.mergeLead")}</p>
      {state.error !== undefined && <Failed error={state.error} title={t("enterprises.mergeFailed")} onRetry={() => void merge()} />}
      <fieldset>
        <legend>{t("enterprises.stays")}</legend>
        <Radio.Group
          value={kept}
          onChange={(event) => {
            setKept(event.target.value as string);
            setChosen({});
          }}
          options={[pair.first, pair.second].map((row) => ({ value: row.id, label: row.name }))}
        />
      </fieldset>
      {MERGE_FIELDS.filter((field) => differing(field, survivor, merged)).map((field) => (
        <fieldset key={field}>
          <legend>{t(`enterprises.mergeField.${field}`)}</legend>
          <Radio.Group
            value={chosen[field] ?? survivor.id}
            onChange={(event) => setChosen({ ...chosen, [field]: event.target.value as string })}
            options={[survivor, merged].map((row) => ({ value: row.id, label: said(field, row) }))}
          />
        </fieldset>
      ))}
      <div className="form-buttons">
        <Button type="primary" loading={state.busy} onClick={() => void merge()} data-testid="merge-confirm">
          {t("enterprises.mergeNow")}
        </Button>
      </div>
    </div>
  );
}

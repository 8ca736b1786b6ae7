import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Modal, Progress, Select } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { asTree, treeOptions } from "../ui/table/tree";
import { loadUnits, UNITS } from "../units/units";
import { actOnEach, type BulkKind, type BulkOutcome, MOST } from "./bulk";
import { sendSlice } from "./bulkApi";
import { ALL_LISTS, type WorkListRow } from "./workLists";

interface Props {
  rows: WorkListRow[];
  kinds: BulkKind[];
  onDone: () => void;
}

/** What can be done with the marked cases: each moves by itself, and each that did not says why. */
export function BulkBar({ rows, kinds, onDone }: Props) {
  const { t } = useTranslation();
  // The rows as they were: those that moved leave the list while the report is read.
  const [asked, setAsked] = useState<{ kind: BulkKind; rows: WorkListRow[] } | null>(null);
  if (rows.length === 0 && asked === null) return null;
  return (
    <div className="bulk-bar" role="group" aria-label={t("worklists.bulk.marked", { count: rows.length })} data-testid="bulk-bar">
      <span>{t("worklists.bulk.marked", { count: rows.length })}</span>
      {kinds.map((one) => (
        <Button key={one} size="small" disabled={rows.length > MOST} onClick={() => setAsked({ kind: one, rows })} data-testid={`bulk-${one}`}>
          {t(`worklists.bulk.${one}`)}
        </Button>
      ))}
      <Button size="small" type="link" onClick={onDone}>
        {t("worklists.bulk.unmark")}
      </Button>
      {asked && <BulkDialog {...asked} onClose={(finished) => (setAsked(null), finished && onDone())} />}
    </div>
  );
}

function BulkDialog({ kind, rows, onClose }: { kind: BulkKind; rows: WorkListRow[]; onClose: (finished: boolean) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [unit, setUnit] = useState<string>();
  const [text, setText] = useState("");
  const [count, setCount] = useState<number | null>(null);
  const [outcomes, setOutcomes] = useState<BulkOutcome[] | null>(null);
  const stop = useRef(false);
  const units = useQuery({ queryKey: [...UNITS, true], queryFn: () => loadUnits(), enabled: kind === "dispatch" });
  const running = count !== null && outcomes === null;
  async function run() {
    setCount(0);
    setOutcomes(await actOnEach(kind, rows, { lead_unit_id: unit, text: text.trim() }, setCount, () => stop.current, sendSlice));
    void queries.invalidateQueries(ALL_LISTS);
  }
  const footer = outcomes ? (
    <Button type="primary" onClick={() => onClose(true)} data-testid="bulk-close">
      {t("worklists.bulk.close")}
    </Button>
  ) : running ? (
    <Button onClick={() => (stop.current = true)}>{t("worklists.bulk.stop")}</Button>
  ) : (
    <Button type="primary" disabled={kind === "dispatch" && !unit} onClick={() => void run()} data-testid="bulk-run">
      {t(`worklists.bulk.${kind}`)}
    </Button>
  );
  return (
    <Modal
      open
      title={t("worklists.bulk.title", { what: t(`worklists.bulk.${kind}`), count: rows.length })}
      onCancel={() => onClose(outcomes !== null)}
      closable={!running}
      maskClosable={false}
      footer={footer}
    >
      {count === null && kind === "dispatch" && (
        <Select
          className="bulk-field"
          showSearch={{ optionFilterProp: "label" }}
          aria-label={t("worklists.unit")}
          placeholder={t("worklists.unit")}
          value={unit}
          options={treeOptions(asTree(units.data ?? []))}
          onChange={setUnit}
          data-testid="bulk-unit"
        />
      )}
      {count === null && kind !== "claim" && (
        <Input.TextArea
          rows={3}
          maxLength={2000}
          value={text}
          aria-label={t(`worklists.bulk.text.${kind}`)}
          placeholder={t(`worklists.bulk.text.${kind}`)}
          onChange={(event) => setText(event.target.value)}
        />
      )}
      {count !== null && <Progress percent={Math.round((count / rows.length) * 100)} aria-label={t("worklists.bulk.progress")} />}
      {outcomes && <Report rows={rows} outcomes={outcomes} />}
    </Modal>
  );
}

function Report({ rows, outcomes }: { rows: WorkListRow[]; outcomes: BulkOutcome[] }) {
  const { t, i18n } = useTranslation();
  const failed = outcomes.filter(({ done }) => !done);
  const why = ({ error_id, reason, detail }: BulkOutcome) => {
    const keys = [`problem.${error_id}.${reason}`, `problem.${error_id}`].filter((key) => i18n.exists(key));
    return keys[0] ? t(keys[0]) : (detail ?? "");
  };
  return (
    <div role="status" data-testid="bulk-report">
      <p>{t("worklists.bulk.report", { done: outcomes.length - failed.length, failed: failed.length, left: rows.length - outcomes.length })}</p>
      <ul>
        {failed.map((one) => {
          const number = rows.find(({ id }) => id === one.case_id)?.number ?? one.case_id;
          return (
            <li key={one.case_id}>
              <Link className="code" to={`/cases/${number}`}>
                {number}
              </Link>{" "}
              {why(one)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

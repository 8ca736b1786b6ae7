import { useTranslation } from "react-i18next";
import { Moment } from "../ui/Moment";
import { type Column, DataTable } from "../ui/table/DataTable";
import { useTable } from "../ui/table/useTable";
import type { LimitRevision } from "./limits";
import { loadLimitChanges } from "./limitsApi";
import { useLimitWords } from "./useLimitWords";

/** Who changed which limit, from what to what, and why. */
export function LimitChanges() {
  const { t } = useTranslation();
  const words = useLimitWords();
  const table = useTable<LimitRevision>({ name: "limitChanges", filters: [], load: loadLimitChanges });
  const value = (amount: string, hours: string) => words.amount(amount, hours);
  const change = (row: LimitRevision) => `${value(row.was_amount, row.was_hours)} → ${value(row.amount, row.hours)}`;
  const columns: Column<LimitRevision>[] = [
    { key: "at", title: t("limitTable.changedAt"), render: (_, row) => <Moment iso={row.changed_at} /> },
    { key: "who", title: t("limitTable.changedBy"), render: (_, row) => row.changed_by_name || "—" },
    { key: "limit", title: t("limitTable.limit"), render: (_, row) => words.key(row.key) },
    { key: "change", title: t("limitTable.value"), render: (_, row) => change(row) },
    { key: "source", title: t("limitTable.source"), ellipsis: true, width: 200, render: (_, row) => words.source(row.source) },
    { key: "reason", title: t("limitTable.reason"), ellipsis: true, width: 240, render: (_, row) => row.reason },
    { key: "running", title: t("limitTable.running"), align: "right", render: (_, row) => row.running },
  ];
  return (
    <DataTable<LimitRevision>
      table={table}
      columns={columns}
      rowKey={(row) => row.id}
      label={t("limitTable.tab.changes")}
      card={(row) => (
        <div className="list-card">
          <span className="list-card-head">
            <strong>{words.key(row.key)}</strong>
            <Moment iso={row.changed_at} />
          </span>
          <span>{change(row)}</span>
          <span>{row.reason}</span>
          <span className="quiet">
            {row.changed_by_name} · {words.source(row.source)} · {t("limitTable.keptCount", { count: row.running })}
          </span>
        </div>
      )}
      empty={{ title: t("limitTable.noChanges"), hint: t("limitTable.noChangesHint") }}
    />
  );
}

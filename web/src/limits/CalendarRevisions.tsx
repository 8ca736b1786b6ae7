import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { SideDrawer } from "../ui/SideDrawer";
import { StatusTag } from "../ui/StatusTag";
import { type Column, DataTable } from "../ui/table/DataTable";
import { useTable } from "../ui/table/useTable";
import { type CalendarRevision, LIMITS } from "./limits";
import { loadRevised, loadRevisions } from "./limitsApi";

/** What each change of the calendar moved: how many deadlines, and which. */
export function CalendarRevisions() {
  const { t } = useTranslation();
  const [open, setOpen] = useState<CalendarRevision | null>(null);
  const table = useTable<CalendarRevision>({ name: "calendarRevisions", filters: [], load: loadRevisions });
  const moved = (row: CalendarRevision) =>
    row.moved > 0 ? (
      <Button type="link" size="small" onClick={() => setOpen(row)} data-testid={`moved-${row.id}`}>
        {t("limitTable.movedCount", { count: row.moved })}
      </Button>
    ) : (
      t("limitTable.movedNone")
    );
  const columns: Column<CalendarRevision>[] = [
    { key: "at", title: t("limitTable.changedAt"), render: (_, row) => <Moment iso={row.started_at} /> },
    { key: "state", title: t("limitTable.state"), render: (_, row) => <Ended row={row} /> },
    { key: "looked", title: t("limitTable.looked"), align: "right", render: (_, row) => row.checked },
    { key: "moved", title: t("limitTable.moved"), render: (_, row) => moved(row) },
    { key: "not_computable", title: t("limitTable.not_computable"), align: "right", render: (_, row) => row.not_computable },
  ];
  return (
    <>
      <DataTable<CalendarRevision>
        table={table}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("limitTable.tab.revisions")}
        card={(row) => (
          <div className="list-card">
            <span className="list-card-head">
              <Moment iso={row.started_at} />
              <Ended row={row} />
            </span>
            <span>
              {t("limitTable.looked")} {row.checked} · {moved(row)}
            </span>
          </div>
        )}
        empty={{ title: t("limitTable.noRevisions"), hint: t("limitTable.noRevisionsHint") }}
      />
      <SideDrawer open={open !== null} title={t("limitTable.moved")} onClose={() => setOpen(null)} testId="moved-drawer">
        {open && <Moved id={open.id} />}
      </SideDrawer>
    </>
  );
}

function Ended({ row }: { row: CalendarRevision }) {
  const { t } = useTranslation();
  return <StatusTag tone={row.ended_at === null ? "amber" : "green"}>{t(row.ended_at === null ? "limitTable.underWay" : "limitTable.ended")}</StatusTag>;
}

function Moved({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: [...LIMITS, "revised", id], queryFn: () => loadRevised(id) });
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <ul className="moved-list">
      {query.data?.items.map((row) => (
        <li key={`${row.case_id} ${row.kind} ${row.due_at}`}>
          <Link to={`/cases/${row.case_number}`}>{row.case_number}</Link> {t(`limits.kind.${row.kind}`)}
          <br />
          <Moment iso={row.was_due_at} /> → <Moment iso={row.due_at} />
        </li>
      ))}
      {query.data?.next && <li className="quiet">{t("limitTable.more")}</li>}
    </ul>
  );
}

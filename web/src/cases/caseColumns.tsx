import type { TFunction } from "i18next";
import { Link } from "react-router";
import { Moment } from "../ui/Moment";
import { StatusTag, type Tone } from "../ui/StatusTag";
import type { Column } from "../ui/table/DataTable";
import { TrafficLight } from "./TrafficLight";
import type { WorkListRow } from "./workLists";

const TONES: Partial<Record<WorkListRow["state"], Tone>> = {
  need_info: "amber",
  return_requested: "amber",
  extension_requested: "amber",
  rework: "red",
  in_progress: "brand",
  dispatched: "brand",
  replied: "violet",
  callback: "violet",
  closed: "green",
  closed_direct: "green",
};

export const caseLink = (row: WorkListRow) => `/cases/${row.number}`;

export function StateTag({ row, t }: { row: WorkListRow; t: TFunction }) {
  return <StatusTag tone={TONES[row.state]}>{t(`caseState.${row.state}`)}</StatusTag>;
}

/** What marks the case, the most pressing first. */
export function Flags({ row, t }: { row: WorkListRow; t: TFunction }) {
  return (
    <span className="tags case-flags">
      {row.urgency !== "normal" && <StatusTag tone="red">{t(`case.urgency.${row.urgency}`)}</StatusTag>}
      {row.confidential && <StatusTag tone="violet">{t("worklists.flag.confidential")}</StatusTag>}
      {row.suspended && <StatusTag>{t("worklists.flag.suspended")}</StatusTag>}
      {row.flags.map((flag) => (
        <StatusTag key={flag} tone={flag === "mass" || flag === "hard" ? "red" : "amber"}>
          {t(`worklists.flag.${flag}`)}
        </StatusTag>
      ))}
    </span>
  );
}

export function titleOf(row: WorkListRow, t: TFunction): string {
  return row.title || t(row.confidential ? "worklists.hidden" : "case.untitled");
}

export function caseColumns(t: TFunction): Column<WorkListRow>[] {
  return [
    {
      key: "number",
      title: t("case.number"),
      render: (_, row) => (
        <Link className="code" to={caseLink(row)} data-testid={`case-${row.number}`}>
          {row.number}
        </Link>
      ),
    },
    { key: "due", title: t("worklists.due"), sortable: true, render: (_, row) => <Due row={row} t={t} /> },
    { key: "state", title: t("worklists.state"), render: (_, row) => <StateTag row={row} t={t} /> },
    {
      key: "title",
      title: t("worklists.title"),
      ellipsis: true,
      width: 190,
      render: (_, row) => <span className={row.title ? undefined : "quiet"}>{titleOf(row, t)}</span>,
    },
    { key: "flags", title: t("worklists.flags"), render: (_, row) => <Flags row={row} t={t} /> },
    { key: "type", title: t("case.fields.type"), render: (_, row) => (row.type ? t(`caseType.${row.type}`) : "—") },
    { key: "unit", title: t("worklists.unit"), ellipsis: true, width: 120, render: (_, row) => row.lead_unit_name ?? "—" },
    { key: "enterprise", title: t("case.fields.enterprise_id"), ellipsis: true, width: 130, render: (_, row) => row.enterprise_name ?? "—" },
    { key: "claimed", title: t("worklists.claimedBy"), render: (_, row) => row.claimed_by_name ?? "—" },
    { key: "created", extra: true, title: t("worklists.created"), sortable: true, render: (_, row) => <Moment iso={row.created_at} /> },
    { key: "updated", extra: true, title: t("worklists.updated"), sortable: true, render: (_, row) => <Moment iso={row.updated_at} /> },
    { key: "channel", extra: true, title: t("worklists.channel"), render: (_, row) => t(`worklists.channels.${row.channel}`) },
    { key: "dispatched", extra: true, title: t("worklists.dispatched"), render: (_, row) => <Moment iso={row.dispatched_at} /> },
  ];
}

/** When the next deadline is, with its traffic light. */
export function Due({ row, t }: { row: WorkListRow; t: TFunction }) {
  if (row.suspended) return <span className="quiet">{t("worklists.flag.suspended")}</span>;
  if (row.next_due_at === null) return <span className="quiet">—</span>;
  return (
    <span className={row.light === "red" ? "due late" : "due"}>
      <TrafficLight light={row.light} /> <Moment iso={row.next_due_at} />
    </span>
  );
}

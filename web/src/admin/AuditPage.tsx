import { DownloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, apiUrl, listPage, unwrap } from "../api/client";
import type { components } from "../api/generated";
import { pageOpenTo } from "../app/pageOpenTo";
import type { SessionUser } from "../api/types";
import { PageHead } from "../ui/PageHead";
import { type Column, DataTable } from "../ui/table/DataTable";
import { ChoiceFilter, DayFilter, TextFilter } from "../ui/table/filters";
import { useTable } from "../ui/table/useTable";
import { fullMoment } from "../ui/time";
import { isDay } from "../ui/zone";
import { actionKeys, auditQuery, detailLines, exportQuery, targetPage } from "./audit";

type Entry = components["schemas"]["AuditView"];

/** Who did what, to what, from where; nobody can change an entry. */
export default function AuditPage({ user }: { user: SessionUser }) {
  const { t, i18n } = useTranslation();
  const table = useTable<Entry>({
    name: "audit",
    filters: ["username", "action", "target", "user_id", "from", "to"],
    accepts: { from: isDay, to: isDay },
    load: (query) => listPage(api.GET("/api/audit", { params: { query: auditQuery(query) } })),
  });
  const { filters } = table.address;
  const say = (action: string) => {
    const known = actionKeys(action).find((key) => i18n.exists(key));
    return known === undefined ? action : t(known);
  };
  const actions = useQuery({ queryKey: ["audit", "actions"], queryFn: () => unwrap(api.GET("/api/audit/actions")) });
  const columns: Column<Entry>[] = [
    { key: "at", title: t("audit.at"), render: (_, entry) => <time dateTime={entry.at}>{fullMoment(entry.at)}</time> },
    {
      key: "who",
      title: t("audit.who"),
      render: (_, entry) => <To user={user} page={entry.user_id ? `/admin/users/${entry.user_id}` : null} text={entry.username} />,
    },
    {
      key: "action",
      title: t("audit.action"),
      render: (_, entry) => (
        <div className="audit-action">
          {say(entry.action) !== entry.action && <span>{say(entry.action)}</span>}
          <code className="quiet">{entry.action}</code>
        </div>
      ),
    },
    {
      key: "target",
      title: t("audit.target"),
      render: (_, entry) => <To user={user} page={targetPage(entry.action, entry.target)} text={entry.target} />,
    },
    {
      key: "detail",
      title: t("audit.detail"),
      render: (_, entry) => (
        <div className="audit-detail">
          {detailLines(entry.detail).map((line) => (
            <div key={line}>{line}</div>
          ))}
        </div>
      ),
    },
    { key: "address", title: t("audit.address"), dataIndex: "address" },
  ];
  const text = (name: "username" | "target") => (
    <TextFilter value={filters[name]} label={t(`audit.filter.${name}`)} onChange={(value) => table.filter({ [name]: value })} testId={`audit-${name}`} />
  );
  return (
    <div className="page">
      <PageHead title={t("section.audit")} lead={t("section.auditDoes")} />
      <DataTable<Entry>
        table={table}
        columns={columns}
        rowKey={(entry) => entry.id}
        label={t("section.audit")}
        filters={
          <>
            {text("username")}
            <ChoiceFilter
              value={filters.action}
              label={t("audit.filter.action")}
              options={(actions.data?.items ?? []).map((action) => ({ value: action, label: say(action) }))}
              onChange={(action) => table.filter({ action })}
              testId="audit-action"
            />
            {text("target")}
            <DayFilter value={filters.from} label={t("calls.from")} onChange={(from) => table.filter({ from })} />
            <DayFilter value={filters.to} label={t("calls.to")} onChange={(to) => table.filter({ to })} />
            <Button icon={<DownloadOutlined />} href={apiUrl("/api/audit/export", exportQuery(filters))} download data-testid="audit-export">
              {t("audit.export")}
            </Button>
          </>
        }
        empty={{ title: t("audit.none"), hint: t("audit.noneHint") }}
      />
    </div>
  );
}

/** A link where the page is open to the reader; else the words alone. */
function To({ user, page, text }: { user: SessionUser; page: string | null; text: string }) {
  return page && pageOpenTo(user, page) ? <Link to={page}>{text}</Link> : <>{text || "—"}</>;
}

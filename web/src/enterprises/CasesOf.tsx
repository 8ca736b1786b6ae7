import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import type { CaseRow } from "../api/types";
import { Moment } from "../ui/Moment";
import { type Column, DataTable } from "../ui/table/DataTable";
import { useTable } from "../ui/table/useTable";

/** The enterprise's cases; confidential ones but one's own are not among them. */
export function CasesOf({ id }: { id: string }) {
  const { t } = useTranslation();
  const table = useTable<CaseRow>({
    name: `enterprise-cases-${id}`,
    filters: [],
    rows: 20,
    load: (query) => unwrap(api.GET("/api/cases", { params: { query: { ...query, enterprise_id: id } } })),
  });
  const to = (row: CaseRow) => `/cases/${row.number}`;
  const columns: Column<CaseRow>[] = [
    {
      key: "number",
      title: t("enterprises.caseNumber"),
      render: (_, row) => (
        <Link className="code" to={to(row)} data-testid={`case-${row.number}`}>
          {row.number}
        </Link>
      ),
    },
    { key: "title", title: t("enterprises.caseTitle"), render: (_, row) => row.title || t("case.untitled") },
    { key: "type", title: t("enterprises.caseType"), render: (_, row) => (row.type ? t(`caseType.${row.type}`) : "—") },
    {
      key: "state",
      title: t("enterprises.state"),
      render: (_, row) => (
        <span className="tag state" data-state={row.state}>
          {t(`caseState.${row.state}`)}
        </span>
      ),
    },
    { key: "created", title: t("enterprises.created"), render: (_, row) => <Moment iso={row.created_at} /> },
    { key: "updated", title: t("enterprises.updated"), render: (_, row) => <Moment iso={row.updated_at} /> },
  ];
  return (
    <DataTable<CaseRow>
      table={table}
      columns={columns}
      rowKey={(row) => row.id}
      rowLink={to}
      label={t("enterprises.tab.cases")}
      empty={{ title: t("enterprises.casesEmpty"), hint: t("enterprises.casesEmptyHint") }}
    />
  );
}

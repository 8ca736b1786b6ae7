import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import type { CallFilter, CallRow } from "../api/types";
import { Moment } from "../ui/Moment";
import { type Column, DataTable } from "../ui/table/DataTable";
import { useTable } from "../ui/table/useTable";
import { duration } from "../ui/time";
import { OutcomeTag } from "./OutcomeTag";

interface Props {
  /** Under which the browser keeps the columns. */
  name: string;
  of: Pick<CallFilter, "enterprise_id" | "specialist_id">;
  ownOnly: boolean;
  /** When there will be some. */
  emptyHint: string;
}

/** The calls of one subject, as far as the user may know of them. */
export function CallsOf({ name, of, ownOnly, emptyHint }: Props) {
  const { t } = useTranslation();
  const table = useTable<CallRow>({
    name,
    filters: [],
    rows: 20,
    load: (query) => unwrap(api.GET("/api/calls", { params: { query: { ...query, ...of } } })),
  });
  const to = (row: CallRow) => `/calls?call=${encodeURIComponent(row.call_id)}`;
  const columns: Column<CallRow>[] = [
    {
      key: "started",
      title: t("enterprises.startedAt"),
      render: (_, row) => (
        <Link to={to(row)}>
          <Moment iso={row.started_at} />
        </Link>
      ),
    },
    { key: "number", title: t("enterprises.numbers"), render: (_, row) => row.caller_number || "—" },
    { key: "outcome", title: t("enterprises.result"), render: (_, row) => <OutcomeTag outcome={row.outcome} /> },
    { key: "agents", title: t("enterprises.agents"), render: (_, row) => row.agents.join(", ") || "—" },
    { key: "talk", title: t("enterprises.talk"), render: (_, row) => (row.talk_seconds ? duration(row.talk_seconds) : "—") },
    { key: "cases", title: t("enterprises.tab.cases"), render: (_, row) => row.case_numbers.join(" ") || "—" },
  ];
  return (
    <>
      {ownOnly && <p className="quiet">{t("enterprises.ownCalls")}</p>}
      <DataTable<CallRow>
        table={table}
        columns={columns}
        rowKey={(row) => row.call_id}
        rowLink={to}
        label={t("enterprises.tab.calls")}
        empty={{ title: t("enterprises.callsEmpty"), hint: emptyHint }}
      />
    </>
  );
}

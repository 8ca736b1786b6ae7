import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import { may, useSession } from "../api/session";
import { Waiting } from "../app/Waiting";
import { Attachments } from "../cases/Attachments";
import { Notes } from "../cases/Notes";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { SideDrawer } from "../ui/SideDrawer";

/** One case, to read. */
export function CaseDrawer({ id, onClose }: { id: string | null; onClose: () => void }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ["case", id],
    queryFn: () => unwrap(api.GET("/api/cases/{case_id}", { params: { path: { case_id: id ?? "" } } })),
    enabled: id !== null,
  });
  const session = useSession();
  const user = session.data?.user ?? null;
  const canWrite = user !== null && may(user, "case.write");
  const one = query.data;
  const facts: [string, ReactNode][] = one
    ? [
        [t("enterprises.caseNumber"), <span key="number" className="code">{one.spoken_number}</span>],
        [t("enterprises.state"), t(`caseState.${one.state}`)],
        [t("enterprises.caseType"), one.type ? t(`caseType.${one.type}`) : "—"],
        [t("enterprises.content"), one.content || "—"],
        [t("enterprises.demand"), one.demand || "—"],
        [t("enterprises.created"), <Moment key="created" iso={one.created_at} />],
        [t("enterprises.updated"), <Moment key="updated" iso={one.updated_at} />],
        [
          t("enterprises.tab.calls"),
          one.call_ids.length === 0
            ? "—"
            : one.call_ids.map((call) => (
                <div key={call}>
                  <Link to={`/calls?call=${call}`} className="code">
                    {call}
                  </Link>
                </div>
              )),
        ],
      ]
    : [];
  return (
    <SideDrawer open={id !== null} title={one?.title || t("enterprises.tab.cases")} onClose={onClose} testId="case-drawer">
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Waiting />}
      <dl className="case-facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {one && (
        <>
          <Link to={`/cases/${one.id}/print`} target="_blank">
            {t("sheet.open")}
          </Link>
          <Attachments caseId={one.id} canWrite={canWrite} />
          <Notes caseId={one.id} canWrite={canWrite} />
        </>
      )}
    </SideDrawer>
  );
}

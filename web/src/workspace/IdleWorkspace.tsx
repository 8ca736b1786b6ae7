import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { ConfidentialTag } from "../calls/CallerCell";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { roughly } from "../ui/time";
import { useCallerNumber } from "../ui/useCallerNumber";
import { CaseList } from "./History";
import { useWorkspace } from "./store";

/** Between two calls: what is left to finish, and what has just been. */
export function IdleWorkspace({ onOpenCase }: { onOpenCase: (id: string) => void }) {
  const { t } = useTranslation();
  const agent = useWorkspace((workspace) => workspace.agent);
  const drafts = useQuery({
    queryKey: ["drafts"],
    queryFn: () => unwrap(api.GET("/api/cases", { params: { query: { state: ["draft"], mine: true, limit: 20 } } })),
    refetchOnMount: "always",
  });
  const state = agent?.state ?? "offline";
  const kind = state === "offline" ? "offline" : state === "ready" || state === "own_call" ? state : "paused";
  return (
    <section className="panel idle" aria-labelledby="idle-title" data-testid="idle-workspace">
      <div className="idle-hero" data-state={kind}>
        <span className="idle-ring" aria-hidden />
        <h2 id="idle-title">{t(kind === "ready" ? "idle.title" : `idle.${kind}`)}</h2>
        <p className="quiet">{t(`idle.${kind}Text`)}</p>
      </div>
      <div className="idle-lists">
        {drafts.isError ? (
          <Failed error={drafts.error} onRetry={() => void drafts.refetch()} />
        ) : (
          <CaseList title={t("case.drafts")} rows={drafts.data?.items ?? []} onOpen={onOpenCase} testId="drafts" />
        )}
        {agent && <Recent number={agent.number} />}
      </div>
    </section>
  );
}

function Recent({ number }: { number: string }) {
  const { t, i18n } = useTranslation();
  const shown = useCallerNumber();
  const calls = useQuery({
    queryKey: ["calls", "recent", number],
    queryFn: () => unwrap(api.GET("/api/calls", { params: { query: { agent: [number], limit: 8 } } })),
    refetchOnMount: "always",
  });
  const rows = calls.data?.items ?? [];
  return (
    <section className="history-part" data-testid="recent-calls">
      <h3>{t("idle.recent")}</h3>
      {calls.isError && <Failed error={calls.error} onRetry={() => void calls.refetch()} />}
      {calls.isSuccess && rows.length === 0 && <p className="quiet">{t("pop.none")}</p>}
      <ul>
        {rows.map((row) => (
          <li key={row.call_id} className="earlier">
            <Moment iso={row.started_at} />
            <span className="earlier-who">
              {row.confidential ? <ConfidentialTag /> : row.enterprise_name || shown(row.caller_number, row.entry)}
            </span>
            <span className="quiet">{t(`outcome.${row.outcome}`)}</span>
            <span className="quiet">{row.talk_seconds ? roughly(row.talk_seconds, i18n.language) : ""}</span>
            {row.survey !== null && <span className="quiet">{t(`survey.${row.survey}`)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

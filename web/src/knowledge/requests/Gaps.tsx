import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { may, useSession } from "../../api/session";
import { Failed } from "../../ui/Failed";
import { Moment } from "../../ui/Moment";
import { AskKnowledge } from "./AskKnowledge";
import { loadGaps, REQUESTS } from "./requests";
import "./requests.css";

/** What the knowledge base did not answer in the last seven days; a click makes a request of it. */
export function Gaps() {
  const { t } = useTranslation();
  const user = useSession().data?.user;
  const gaps = useQuery({ queryKey: [...REQUESTS, "gaps"], queryFn: loadGaps });
  if (gaps.isError) return <Failed error={gaps.error} onRetry={() => void gaps.refetch()} />;
  if (!gaps.data) return null;
  const { searches, cases, reported, units } = gaps.data;
  return (
    <div className="gaps" data-testid="gaps">
      <GapCard id="searches" empty={searches.length === 0}>
        {searches.map((one) => (
          <li key={one.id}>
            <span>
              <strong>{one.text}</strong> <span className="quiet">{t("requests.gaps.times", { count: one.count })} · <Moment iso={one.last_at} /></span>
            </span>
            <AskKnowledge kind="gap" question={one.text} missId={one.id} label={t("requests.gaps.ask")} small />
          </li>
        ))}
      </GapCard>
      <GapCard id="cases" empty={cases.length === 0 && units.length === 0}>
        {units.map((one) => (
          <li key={one.unit_name} className="quiet">
            <span>{one.unit_name || t("knowledge.hotline")}</span>
            <span>{one.count}</span>
          </li>
        ))}
        {cases.map((one) => (
          <li key={one.id}>
            <span>
              <Link to={`/cases/${one.number}`}>{one.title || one.number}</Link>{" "}
              <span className="quiet">
                {one.unit_name} · <Moment iso={one.closed_at} />
              </span>
            </span>
            <span className="asks">
              <AskKnowledge
                kind="gap"
                question={one.title}
                caseId={one.id}
                unit={one.unit_id ? { id: one.unit_id, name: one.unit_name } : null}
                label={t("requests.gaps.ask")}
                small
              />
              {may(user, "knowledge.write") && <Link to="/knowledge/new">{t("requests.gaps.write")}</Link>}
            </span>
          </li>
        ))}
      </GapCard>
      <GapCard id="reported" empty={reported.length === 0}>
        {reported.map((one) => (
          <li key={one.id}>
            <Link to={`/knowledge/${one.id}`}>{one.title}</Link>
            <span className="quiet">{t("requests.gaps.complaints", { unhelpful: one.unhelpful, reports: one.reports })}</span>
          </li>
        ))}
      </GapCard>
    </div>
  );
}

function GapCard({ id, empty, children }: { id: "searches" | "cases" | "reported"; empty: boolean; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <section className="gap-card" aria-labelledby={`gaps-${id}`}>
      <h2 id={`gaps-${id}`}>{t(`requests.gaps.${id}`)}</h2>
      {empty ? <p className="quiet">{t(`requests.gaps.${id}None`)}</p> : <ul>{children}</ul>}
    </section>
  );
}

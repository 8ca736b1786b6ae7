import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CaseRow, EarlierCall } from "../api/types";
import { Moment } from "../ui/Moment";
import { roughly } from "../ui/time";

interface CaseListProps {
  title: string;
  rows: CaseRow[];
  onOpen: (id: string) => void;
  testId: string;
}

export function CaseList({ title, rows, onOpen, testId }: CaseListProps) {
  const { t } = useTranslation();
  return (
    <section className="history-part" data-testid={testId}>
      <h3>
        {title} <span className="count">{rows.length}</span>
      </h3>
      {rows.length === 0 && <p className="quiet">{t("pop.none")}</p>}
      <ul>
        {rows.map((row) => (
          <li key={row.id} className="case-line">
            <button type="button" className="row-button case-row" onClick={() => onOpen(row.id)}>
              <span className="tag state" data-state={row.state}>
                {t(`caseState.${row.state}`)}
              </span>
              <span className="case-title">
                {row.confidential ? t("pop.confidential") : row.title || t("case.untitled")}
              </span>
              <span className="quiet">
                <Moment iso={row.updated_at} />
              </span>
            </button>
            <Link className="code" to={`/cases/${row.number}`} aria-label={t("casePage.open", { number: row.number })}>
              {row.number}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function EarlierCalls({ rows }: { rows: EarlierCall[] }) {
  const { t, i18n } = useTranslation();
  return (
    <section className="history-part" data-testid="earlier-calls">
      <h3>
        {t("pop.earlierCalls")} <span className="count">{rows.length}</span>
      </h3>
      {rows.length === 0 && <p className="quiet">{t("pop.none")}</p>}
      <ul>
        {rows.map((row) => (
          <li key={row.call_id} className="earlier">
            <Moment iso={row.started_at} />
            <span>{i18n.exists(`outcome.${row.outcome}`) ? t(`outcome.${row.outcome}`) : row.outcome}</span>
            <span className="quiet">{row.agents.join(", ")}</span>
            <span className="quiet">{row.talk_seconds > 0 ? roughly(row.talk_seconds, i18n.language) : ""}</span>
            {row.survey !== null && <span className="quiet">{t(`survey.${row.survey}`)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

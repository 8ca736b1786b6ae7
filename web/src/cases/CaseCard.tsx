import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { caseLink, Due, Flags, StateTag, titleOf } from "./caseColumns";
import type { WorkListRow } from "./workLists";

/** A row of the list on a phone. */
export function CaseCard({ row }: { row: WorkListRow }) {
  const { t } = useTranslation();
  return (
    <Link className="list-card" to={caseLink(row)} data-testid={`case-${row.number}`}>
      <span className="list-card-head">
        <span className="code">{row.number}</span>
        <StateTag row={row} t={t} />
      </span>
      <strong>{titleOf(row, t)}</strong>
      <span className="list-card-foot">
        <span className="quiet">{row.lead_unit_name ?? (row.type ? t(`caseType.${row.type}`) : "—")}</span>
        <Due row={row} t={t} />
      </span>
      <Flags row={row} t={t} />
    </Link>
  );
}

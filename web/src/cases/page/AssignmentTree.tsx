import { useTranslation } from "react-i18next";
import type { AssignmentView, CaseView } from "../../api/types";
import { StatusTag, type Tone } from "../../ui/StatusTag";
import { fullMoment } from "../../ui/time";
import { asTree } from "../../ui/table/tree";

const TONE: Record<AssignmentView["state"], Tone> = {
  dispatched: "amber",
  signed: "brand",
  replied: "green",
  returned: "plain",
  ended: "plain",
};

/** Who has the case: the hotline, the lead unit, and those that answer to it. */
export function AssignmentTree({ view }: { view: CaseView }) {
  const { t } = useTranslation();
  const rows = asTree(view.assignments);
  return (
    <section className="case-card" aria-labelledby="case-assignments" data-testid="case-assignments">
      <h2 id="case-assignments">{t("casePage.assignments.title")}</h2>
      {rows.length === 0 && <p className="quiet">{t("casePage.assignments.empty")}</p>}
      {rows.length > 0 && (
        <ul className="assignments">
          <li>
            <strong>{t("casePage.assignments.hotline")}</strong>
            <StatusTag>{t("casePage.assignments.passedOn")}</StatusTag>
          </li>
          {rows.map((row) => (
            <li key={row.id} style={{ paddingInlineStart: `${(row.depth + 1) * 18}px` }} data-own={row.own} data-testid="assignment">
              <strong>{row.unit_name}</strong>
              <span className="quiet">{t(`casePage.assignments.role.${row.role}`)}</span>
              <StatusTag tone={TONE[row.state]}>{t(`casePage.assignments.state.${row.state}`)}</StatusTag>
              <span className="quiet">
                {[
                  row.round > 1 && t("casePage.assignments.round", { round: row.round }),
                  row.signed_by_name && t("casePage.assignments.signed", { name: row.signed_by_name }),
                  row.due_at !== null && t("casePage.assignments.due", { time: fullMoment(row.due_at).slice(5, 16) }),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
              {row.advice && <p className="assignment-advice">{row.advice}</p>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

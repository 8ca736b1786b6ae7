import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import type { CaseView } from "../../api/types";
import { AskKnowledge } from "./AskKnowledge";
import { answerOf, askedIn } from "./answer";
import { mayAsk } from "./requests";

/** From a consult case: what the knowledge base should have answered, with what the unit or a specialist did answer. */
export function CaseKnowledge({ view }: { view: CaseView }) {
  const { t } = useTranslation();
  const user = useSession().data?.user;
  if (view.type !== "consult" || !user || !mayAsk(user)) return null;
  // What a confidential case was answered stays with it.
  const answer = view.confidential ? "" : answerOf(view);
  const lead = view.assignments.find((one) => one.unit_id === view.lead_unit_id);
  return (
    <section className="case-card" aria-labelledby="case-knowledge" data-testid="case-knowledge">
      <h2 id="case-knowledge">{t("section.knowledge")}</h2>
      <p className="quiet">{t(answer ? "requests.afterReply" : "requests.fromCase")}</p>
      <AskKnowledge
        kind="gap"
        question={askedIn(view)}
        proposal={answer}
        unit={lead ? { id: lead.unit_id, name: lead.unit_name } : null}
        caseId={view.id}
        {...(answer && { label: t("requests.fromAnswer") })}
        small
      />
    </section>
  );
}

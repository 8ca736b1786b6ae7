import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import type { CaseView } from "../../api/types";
import { AskKnowledge } from "./AskKnowledge";
import { mayAsk } from "./requests";

/** From a consult case: what the knowledge base should have answered. */
export function CaseKnowledge({ view }: { view: CaseView }) {
  const { t } = useTranslation();
  const user = useSession().data?.user;
  if (view.type !== "consult" || !user || !mayAsk(user)) return null;
  return (
    <section className="case-card" aria-labelledby="case-knowledge" data-testid="case-knowledge">
      <h2 id="case-knowledge">{t("section.knowledge")}</h2>
      <p className="quiet">{t("requests.fromCase")}</p>
      {/* What a confidential case is about stays with it. */}
      <AskKnowledge kind="gap" question={view.confidential ? "" : view.title} unitId={view.lead_unit_id} caseId={view.id} small />
    </section>
  );
}

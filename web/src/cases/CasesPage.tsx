import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import type { SessionUser } from "../api/types";
import { PageHead } from "../ui/PageHead";
import { CasePage } from "./CasePage";

/** A case by its number. */
export default function CasesPage({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const { id } = useParams();
  if (id !== undefined) return <CasePage key={id} id={id} user={user} />;
  return (
    <div className="page">
      <PageHead title={t("section.cases")} lead={t("section.casesDoes")} />
    </div>
  );
}

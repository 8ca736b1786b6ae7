import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { EmptyState } from "../../ui/EmptyState";
import { Failed } from "../../ui/Failed";
import { PageHead } from "../../ui/PageHead";
import { FlowsTabs } from "../FlowsTabs";
import { PromptInLanguage } from "./PromptInLanguage";
import { LANGUAGES, usePrompts } from "./prompts";
import { PromptUses } from "./PromptUses";

/** One prompt: what it says in each language, its versions, and who says it. */
export function PromptPage({ id, canWrite }: { id: string; canWrite: boolean }) {
  const { t } = useTranslation();
  const listing = usePrompts();
  const found = listing.data?.prompts.find((one) => one.id === id);
  const possible = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(id) && id.length <= 60;
  const known = found !== undefined || (canWrite && possible);
  return (
    <div className="page">
      <PageHead title={t("prompts.one", { id })} lead={t("prompts.oneLead")} />
      <FlowsTabs open="prompts" />
      {listing.isError && <Failed error={listing.error} onRetry={() => void listing.refetch()} />}
      {listing.data && !known && (
        <EmptyState title={t("prompts.unknown", { id })} hint={t("prompts.unknownHint")}>
          <Link to="/flows/prompts">{t("prompts.back")}</Link>
        </EmptyState>
      )}
      {listing.data && known && (
        <>
          <section className="prompt-panel">
            <h2>{t("prompts.usesTitle")}</h2>
            <PromptUses uses={found?.uses ?? []} />
          </section>
          <div className="prompt-panels">
            {LANGUAGES.map((language) => (
              <PromptInLanguage
                key={language}
                id={id}
                language={language}
                sound={found?.sounds.find((sound) => sound.language === language)}
                listing={listing.data}
                canWrite={canWrite}
              />
            ))}
          </div>
        </>
      )}
    </div>
  );
}

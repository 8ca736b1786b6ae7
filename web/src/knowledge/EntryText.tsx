import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Details } from "./Details";
import { INCENTIVE, type EntryView, type KnowledgeContent } from "./knowledge";

interface Props {
  content: KnowledgeContent;
  /** Names of what it refers to. */
  subjects: EntryView["subjects"];
}

/** What an entry says: the answer first, then all that it rests on. */
export function EntryText({ content, subjects }: Props) {
  const { t, i18n } = useTranslation();
  const english = i18n.language === "en" && content.answer_en !== "";
  const names = new Map(subjects.map(({ id, name }) => [id, name]));
  const said = (ids: readonly string[] = []) => ids.map((id) => names.get(id)).filter((name) => name !== undefined).join(t("home.and"));
  const facts: [string, string][] = [
    ["issuing_body", content.issuing_body ?? ""],
    ["document_number", content.document_number ?? ""],
    ["region", content.region ?? ""],
    ["effective_on", content.effective_on ?? ""],
    ["expires_on", content.expires_on ?? ""],
    ["stages", (content.stages ?? []).map((stage) => t(`case.stage.${stage}`)).join(t("home.and"))],
    ["industries", (content.industries ?? []).join(t("home.and"))],
    ["keywords", [...(content.keywords ?? []), ...(content.synonyms ?? [])].join(t("home.and"))],
    ["item_ids", said(content.item_ids)],
    ["specialist_ids", said(content.specialist_ids)],
  ];
  return (
    <>
      <section className="entry-card" aria-labelledby="entry-answer">
        <h2 id="entry-answer">{t("knowledge.field.answer")}</h2>
        <p className="entry-answer" data-testid="entry-answer">
          {(english ? content.answer_en : content.answer) || "—"}
        </p>
      </section>
      {content.incentive && (
        <section className="entry-card" aria-labelledby="entry-incentive">
          <h2 id="entry-incentive">{t("knowledge.field.incentive")}</h2>
          <dl className="entry-facts">
            {INCENTIVE.map((name) => (
              <div key={name}>
                <dt>{t(`knowledge.incentive.${name}`)}</dt>
                <dd>{content.incentive?.[name] || "—"}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {(english ? content.details_en : content.details) && (
        <section className="entry-card" aria-labelledby="entry-details">
          <h2 id="entry-details">{t("knowledge.field.details")}</h2>
          <Details text={(english ? content.details_en : content.details) ?? ""} />
        </section>
      )}
      <section className="entry-card" aria-labelledby="entry-basis">
        <h2 id="entry-basis">{t("knowledge.basis")}</h2>
        <dl className="entry-facts">
          {facts
            .filter(([, value]) => value !== "")
            .map(([name, value]) => (
              <div key={name}>
                <dt>{t(`knowledge.field.${name}`)}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          {content.source && (
            <div>
              <dt>{t("knowledge.field.source")}</dt>
              <dd>
                <a href={content.source} target="_blank" rel="noreferrer noopener">
                  {content.source}
                </a>
              </dd>
            </div>
          )}
          {(content.related_ids ?? []).length > 0 && (
            <div>
              <dt>{t("knowledge.field.related_ids")}</dt>
              <dd>
                {(content.related_ids ?? []).map((id) => (
                  <Link key={id} to={`/knowledge/${id}`} className="entry-related">
                    {names.get(id) ?? id}
                  </Link>
                ))}
              </dd>
            </div>
          )}
        </dl>
      </section>
    </>
  );
}

import { useTranslation } from "react-i18next";
import type { KnowledgeContent } from "./knowledge";
import { differing } from "./merging";

/** Field by field, where two contents differ. */
export function Differences({ before, after }: { before: KnowledgeContent; after: KnowledgeContent }) {
  const { t } = useTranslation();
  const fields = differing(before, after);
  if (fields.length === 0) return <p>{t("knowledge.same")}</p>;
  return (
    <div className="entry-compare">
      {fields.map((name) => (
        <section key={name}>
          <strong>{t(`knowledge.field.${name}`)}</strong>
          <div className="pair">
            <div className="before">{said(before[name])}</div>
            <div className="after">{said(after[name])}</div>
          </div>
        </section>
      ))}
    </div>
  );
}

function said(value: unknown): string {
  if (value === null || value === undefined || value === "") return "—";
  if (Array.isArray(value)) return value.map(said).join("、") || "—";
  if (typeof value === "object") return Object.values(value).map(said).join("\n");
  return typeof value === "string" ? value : JSON.stringify(value);
}

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { CATEGORIES, type EntryView, KNOWLEDGE, type KnowledgeContent, loadCategories, loadFiles } from "./knowledge";
import { differing } from "./merging";

/** Field by field, where two contents differ. */
export function Differences({ entry, before, after }: { entry: EntryView; before: KnowledgeContent; after: KnowledgeContent }) {
  const { t } = useTranslation();
  const fields = differing(before, after);
  const files = useQuery({
    queryKey: [...KNOWLEDGE, "files", entry.id, "compared"],
    queryFn: () => loadFiles(entry.id),
    enabled: fields.includes("attachment_ids"),
  });
  const categories = useQuery({ queryKey: CATEGORIES, queryFn: loadCategories, enabled: fields.includes("category_id") });
  const names = new Map([...entry.subjects, ...(files.data ?? []), ...(categories.data ?? [])].map(({ id, name }) => [id, name]));
  // What exists no more has no name.
  const named = (name: keyof KnowledgeContent, value: unknown) =>
    name.endsWith("_id") || name.endsWith("_ids") ? said([value].flat().map((id) => names.get(String(id)) ?? (id ? t("knowledge.unnamed") : ""))) : said(value);
  if (fields.length === 0) return <p>{t("knowledge.same")}</p>;
  return (
    <div className="entry-compare">
      {fields.map((name) => (
        <section key={name}>
          <strong>{t(`knowledge.field.${name}`)}</strong>
          <div className="pair">
            <div className="before">{named(name, before[name])}</div>
            <div className="after">{named(name, after[name])}</div>
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

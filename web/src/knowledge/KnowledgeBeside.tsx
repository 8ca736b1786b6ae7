import { Button } from "antd";
import { useTranslation } from "react-i18next";
import "./knowledge.css";
import { StatusTag } from "../ui/StatusTag";
import type { EntryRow } from "./knowledge";
import { Marked } from "./Marked";
import { type CaseInWords, useSuggestions } from "./suggestions";

interface Props {
  about: CaseInWords;
  onTake: (entry: EntryRow) => void;
}

/** Entries that may answer the case while it is typed; out of sight while there is none. */
export function KnowledgeBeside({ about, onTake }: Props) {
  const { t } = useTranslation();
  const found = useSuggestions(about);
  if (found.length === 0) return null;
  return (
    <section className="knowledge-beside" aria-label={t("knowledge.beside")} data-testid="knowledge-beside">
      <h3>{t("knowledge.beside")}</h3>
      <ul>
        {found.map((entry) => (
          <li key={entry.id} data-testid="knowledge-suggested">
            <details>
              <summary>
                <Marked parts={entry.title_parts} text={entry.title} />{" "}
                <span className="quiet">{entry.unit_name || t("knowledge.hotline")}</span>
              </summary>
              <p>
                <Marked parts={entry.answer_parts} text={entry.answer} />
              </p>
              <a href={`/knowledge/${entry.id}`} target="_blank" rel="noreferrer">
                {t("knowledge.whole")}
              </a>
            </details>
            {entry.scope === "specialist" ? (
              <StatusTag tone="violet">{t("knowledge.onlySpecialist")}</StatusTag>
            ) : (
              <Button size="small" onClick={() => onTake(entry)} data-testid="knowledge-take">
                {t("knowledge.take")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

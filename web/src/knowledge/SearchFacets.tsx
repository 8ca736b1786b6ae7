import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import type { Searched } from "./knowledge";

interface Props {
  searched: Searched;
  /** Hits. */
  total: number;
  filters: Record<string, string>;
  onFilter: (filters: Record<string, string>) => void;
}

const SHOWN = 6;

/** How a search was answered, and by what its hits can be narrowed. */
export function SearchFacets({ searched, total, filters, onFilter }: Props) {
  const { t } = useTranslation();
  const nameOf = (facet: string, { value, name }: { value: string; name: string }) => {
    if (facet === "kind") return t(`knowledge.kind.${value}`);
    return facet === "stage" ? t(`case.stage.${value}`) : name;
  };
  const facets = searched.facets.filter(({ facet, values }) => values.length > 1 || filters[facet]);
  return (
    <div className="search-answer">
      <HowFound searched={searched} total={total} />
      {facets.length > 0 && (
        <div className="search-facets" role="group" aria-label={t("knowledge.narrow")}>
          {facets.map(({ facet, values }) => (
            <div key={facet}>
              <span className="quiet">{t(`knowledge.facet.${facet}`)}</span>
              {values.slice(0, SHOWN).map((value) => {
                const chosen = filters[facet] === value.value;
                return (
                  <button
                    key={value.value}
                    type="button"
                    className={`tag ${chosen ? "brand" : "plain"}`}
                    aria-pressed={chosen}
                    onClick={() => onFilter({ [facet]: chosen ? "" : value.value })}
                    data-testid={`facet-${facet}`}
                  >
                    {nameOf(facet, value)} {value.hits}
                  </button>
                );
              })}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** What was looked for instead, and from where on the hits lack a word. `total` counts them all. */
export function HowFound({ searched, total }: { searched: Searched; total: number }) {
  const { t } = useTranslation();
  return (
    <>
      {searched.corrected.map(({ word, meant }) => (
        <Alert key={word} type="info" showIcon title={t("knowledge.corrected", { word, meant })} data-testid="search-corrected" />
      ))}
      {total > searched.complete && (
        <Alert
          type="info"
          showIcon
          title={t(searched.complete === 0 ? "knowledge.nearest" : "knowledge.nearestAfter", { count: searched.complete })}
          data-testid="search-nearest"
        />
      )}
    </>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { components } from "../../api/generated";
import type { CaseView } from "../../api/types";

type Suggestion = components["schemas"]["SuggestionView"];

interface Props {
  view: CaseView;
  itemId: unknown;
  onApply: (suggestion: Suggestion) => void;
}

/** Items, with their units, that the text speaks for; each says why. */
export function Suggestions({ view, itemId, onApply }: Props) {
  const { t } = useTranslation();
  const text = [view.title, view.content, view.demand].filter(Boolean).join("\n").slice(0, 20_000);
  const found = useQuery({
    queryKey: ["catalogue", "suggest", view.id, view.version],
    queryFn: () => unwrap(api.POST("/api/catalogue/suggest", { body: { text, limit: 3 } })),
    enabled: text !== "",
    staleTime: Infinity,
  });
  if (found.isPending || found.isError) return null;
  if (found.data.length === 0) return <p className="quiet">{t("casePage.pick.noSuggestion")}</p>;
  return (
    <>
      <span className="quiet">{t("casePage.pick.suggested")}</span>
      <ul className="suggestions" aria-label={t("casePage.pick.suggested")} data-testid="suggestions">
        {found.data.map((one) => (
          <li key={one.item_id}>
            <span>
              {one.path.join(" / ")}
              <br />
              <span className="quiet">
                {[
                  one.reason.words.length > 0 && t("casePage.pick.words", { words: one.reason.words.join("、") }),
                  one.reason.past_cases > 0 && t("casePage.pick.past", { count: one.reason.past_cases }),
                  one.unit && t("casePage.pick.itemUnit", { unit: one.unit.name }),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            </span>
            <Button size="small" disabled={itemId === one.item_id} onClick={() => onApply(one)} data-testid="suggestion-apply">
              {t(itemId === one.item_id ? "casePage.pick.applied" : "casePage.pick.apply")}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}

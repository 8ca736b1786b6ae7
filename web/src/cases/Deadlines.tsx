import { useTranslation } from "react-i18next";
import type { CaseDeadlineView } from "../api/types";
import { useLimitWords } from "../limits/useLimitWords";
import { Moment } from "../ui/Moment";
import "./deadlines.css";
import { TrafficLight } from "./TrafficLight";
import { hoursAndMinutes } from "./workingTime";

/** The time limits of a case: those that run with the words behind their lights, those that are over folded away. */
export function Deadlines({ deadlines }: { deadlines: CaseDeadlineView[] }) {
  const { t } = useTranslation();
  const open = deadlines.filter(({ met_at }) => met_at === null);
  const over = deadlines.filter(({ met_at }) => met_at !== null);
  return (
    <section className="deadlines" aria-label={t("limits.title")} data-testid="deadlines">
      <h3>{t("limits.title")}</h3>
      {open.length === 0 && <p className="quiet">{t("limits.none")}</p>}
      <ul>
        {open.map((one) => (
          <OpenDeadline key={one.id} one={one} />
        ))}
      </ul>
      {over.length > 0 && (
        <details>
          <summary>{t("limits.over", { count: over.length })}</summary>
          <ul>
            {over.map((one) => (
              <li key={one.id} className="quiet">
                {t(`limits.kind.${one.kind}`)} · {t(`limits.state.${one.state}`)} · <Moment iso={one.met_at} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function OpenDeadline({ one }: { one: CaseDeadlineView }) {
  const { t, i18n } = useTranslation();
  const words = useLimitWords();
  const left = one.remaining_minutes ?? 0;
  const time = (minutes: number) => t("limits.time", hoursAndMinutes(minutes));
  const why = i18n.language.startsWith("zh") ? one.explanation?.zh : one.explanation?.en;
  const word = one.state === "paused" ? t("limits.state.paused") : undefined;
  return (
    <li data-testid={`deadline-${one.kind}`}>
      <strong>{t(`limits.kind.${one.kind}`)}</strong> <TrafficLight light={one.light} word={word} />
      <div>
        <Moment iso={one.due_at} /> · {t(left < 0 ? "limits.overdueBy" : "limits.left", { time: time(left) })}
      </div>
      <div className="quiet">
        {why ?? t("limits.named")}
        {one.extended_days > 0 && ` · ${t("limits.extended", { count: one.extended_days })}`}
        {one.law !== "" && ` · ${t("limits.law", { law: one.law })}`}
        {one.law === "" && one.source !== "" && ` · ${t("limits.source", { source: words.source(one.source) })}`}
      </div>
      {one.flagged.length > 0 && <div className="deadline-flag">{t("limits.flagged", { years: one.flagged.join("、") })}</div>}
      {one.signed_elapsed_minutes !== null && (
        <div className="quiet">
          {t("limits.sinceDispatch", { time: time(one.elapsed_minutes) })} · {t("limits.sinceSigning", { time: time(one.signed_elapsed_minutes) })}
        </div>
      )}
    </li>
  );
}

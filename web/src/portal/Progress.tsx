import { useTranslation } from "react-i18next";
import type { ProgressView } from "../api/types";
import { dateOf } from "./ask";

const DATES = ["received_at", "dispatched_at", "answered_at", "closed_at"] as const;

/** What the hotline tells of one case; the unit's words are shown as text, whatever they hold. */
export function Progress({ found }: { found: ProgressView }) {
  const { t, i18n } = useTranslation();
  const day = (at: string) => <time dateTime={at}>{dateOf(at, i18n.language)}</time>;
  return (
    <section aria-labelledby="portal-state" data-testid="progress-found">
      <p className="portal-number">{t("portal.of", { number: found.number })}</p>
      <h2 id="portal-state" className="portal-state" data-testid="progress-state">
        {t(`portal.state.${found.state}`)}
      </h2>
      <dl className="portal-facts">
        {found.promised_at && (
          <div className="portal-promised">
            <dt>{t("portal.promised")}</dt>
            <dd>{day(found.promised_at)}</dd>
          </div>
        )}
        {found.unit && (
          <div>
            <dt>{t("portal.unit")}</dt>
            <dd>{found.unit}</dd>
          </div>
        )}
        {DATES.map((name) => {
          const at = found[name];
          return (
            at && (
              <div key={name}>
                <dt>{t(`portal.${name}`)}</dt>
                <dd>{day(at)}</dd>
              </div>
            )
          );
        })}
      </dl>
      {found.answer && (
        <>
          <h3>{t("portal.answer")}</h3>
          <p className="portal-answer" data-testid="progress-answer">
            {found.answer}
          </p>
        </>
      )}
      <p className="portal-hint">
        {t("portal.more")} <a href="tel:12345">{t("portal.dial")}</a>
      </p>
    </section>
  );
}

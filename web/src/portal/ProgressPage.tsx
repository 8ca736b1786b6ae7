import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { LanguageButton } from "../app/LanguageButton";
import { api, unwrap } from "../api/client";
import { isProblem } from "../api/problem";
import { readZone } from "../api/session";
import type { ProgressView } from "../api/types";
import "../caller/caller.css";
import { digitsOf, failureOf, type ProgressFailure } from "./ask";
import { Progress } from "./Progress";
import "./portal.css";

/** For callers: how a case stands, by its number and code. The address may hold the number, never the code. */
export default function ProgressPage() {
  const { t } = useTranslation();
  const id = useId();
  const [number, setNumber] = useState(() => digitsOf(new URLSearchParams(window.location.search).get("n") ?? ""));
  const [code, setCode] = useState("");
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<ProgressFailure | null>(null);
  const [found, setFound] = useState<ProgressView | null>(null);
  const result = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = t("portal.title");
  }, [t]);
  useEffect(() => {
    if (found !== null || failure !== null) result.current?.focus();
  }, [found, failure]);

  const ask = async (event: FormEvent) => {
    event.preventDefault();
    if (asking) return;
    setAsking(true);
    setFailure(null);
    setFound(null);
    try {
      const body = { number: digitsOf(number), code: digitsOf(code) };
      const [view] = await Promise.all([unwrap(api.POST("/api/portal/progress", { body })), readZone()]);
      setFound(view);
    } catch (error) {
      setFailure(failureOf(isProblem(error) ? error.status : 0));
    } finally {
      setAsking(false);
    }
  };

  const field = (name: "number" | "code", value: string, set: (value: string) => void) => (
    <div className="portal-field">
      <label htmlFor={`${id}-${name}`}>{t(`portal.${name}`)}</label>
      <input
        id={`${id}-${name}`}
        value={value}
        inputMode="numeric"
        autoComplete="off"
        maxLength={40}
        required
        aria-describedby={`${id}-${name}-hint`}
        data-testid={`progress-${name}`}
        onChange={(event) => set(event.target.value)}
      />
      <p id={`${id}-${name}-hint`} className="portal-hint">
        {t(`portal.${name}Hint`)}
      </p>
    </div>
  );

  return (
    <div className="caller portal">
      <header className="caller-top">
        <LanguageButton className="caller-language" />
      </header>
      <main className="caller-card">
        <h1>{t("portal.heading")}</h1>
        <form className="portal-form" onSubmit={(event) => void ask(event)}>
          {field("number", number, setNumber)}
          {field("code", code, setCode)}
          <button type="submit" className="caller-button" aria-disabled={asking} data-testid="progress-ask">
            {t(asking ? "portal.asking" : "portal.ask")}
          </button>
        </form>
        <div ref={result} tabIndex={-1} className="portal-result" aria-live="polite">
          {failure !== null && (
            <div className="caller-trouble" role="alert" data-testid="progress-trouble">
              <p>{t(`portal.failure.${failure}`)}</p>
              <p>
                {t("portal.help")} <a href="tel:12345">{t("portal.dial")}</a>
              </p>
            </div>
          )}
          {found !== null && <Progress found={found} />}
        </div>
      </main>
      <footer className="caller-foot">
        <a href="/portal/knowledge">{t("portal.knowledge")}</a>
      </footer>
    </div>
  );
}

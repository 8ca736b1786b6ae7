import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { LanguageButton } from "../app/LanguageButton";
import { Keypad } from "../ui/Keypad";
import { LevelMeter } from "../ui/LevelMeter";
import { duration, roughly } from "../ui/time";
import { useNow } from "../ui/useNow";
import "./caller.css";
import { HandsetIcon, MicIcon } from "./icons";
import { useAwake } from "./useAwake";
import { type Caller, useCaller } from "./useCaller";

export default function CallPage() {
  const { t } = useTranslation();
  const caller = useCaller();
  const inCall = caller.stage === "talking" || caller.stage === "dialing" || caller.stage === "asking";
  useAwake(inCall);
  useEffect(() => {
    document.title = t("caller.title");
  }, [t]);

  return (
    <div className="caller">
      <header className="caller-top">
        <LanguageButton className="caller-language" />
      </header>
      <main className="caller-card" data-stage={caller.stage} data-testid="caller">
        <h1>{t("caller.heading")}</h1>
        <p className="caller-lead">{t("caller.lead")}</p>
        <Status caller={caller} />
        {caller.stage === "talking" ? <Talk caller={caller} /> : <Before caller={caller} />}
      </main>
      <footer className="caller-foot">
        {t("caller.emergency")}
        <span className="caller-lines">
          {t("caller.emergencyLines")
            .split("|")
            .map((line) => (
              <a key={line} href={`tel:${line.slice(0, 3)}`}>
                {line}
              </a>
            ))}
        </span>
      </footer>
    </div>
  );
}

function Status({ caller }: { caller: Caller }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const { stage, state } = caller;
  if (stage === "idle") return null;
  const since = state.connectedAt ?? now;
  return (
    <div className="caller-status">
      <p role="status" data-testid="caller-status">
        {t(`caller.${stage}`)}
      </p>
      {stage === "talking" && (
        <p className="caller-time" role="timer" data-testid="caller-time">
          {duration((now - since) / 1000)}
        </p>
      )}
      {stage === "ended" && (
        <p className="caller-ended">
          {t("caller.endedText")} {caller.talkedSeconds > 0 && roughly(caller.talkedSeconds, i18n.language)}
        </p>
      )}
    </div>
  );
}

function Talk({ caller }: { caller: Caller }) {
  const { t } = useTranslation();
  const { phone, state } = caller;
  return (
    <>
      {state.soundBlocked && (
        <button type="button" className="plain-button" onClick={() => phone.unblockSound()}>
          {t("caller.soundBlocked")}
        </button>
      )}
      {state.registration !== "registered" && (
        <p className="caller-notice" role="alert">
          {t("caller.lost")}
        </p>
      )}
      <LevelMeter stream={state.muted ? null : phone.sending} label={t("caller.microphoneTitle")} />
      <p className="caller-hint">{t("caller.keypadHint")}</p>
      <Keypad onDigit={(digit) => phone.digit(digit)} />
      <div className="caller-actions">
        <button
          type="button"
          className="caller-mute"
          aria-pressed={state.muted}
          data-testid="caller-mute"
          onClick={() => phone.mute(!state.muted)}
        >
          <MicIcon off={state.muted} />
          {t(state.muted ? "caller.unmute" : "caller.mute")}
        </button>
        <HangUp caller={caller} />
      </div>
    </>
  );
}

function HangUp({ caller }: { caller: Caller }) {
  const { t } = useTranslation();
  return (
    <button type="button" className="caller-button end" data-testid="caller-hang-up" onClick={caller.hangUp}>
      <HandsetIcon down />
      {t("caller.hangUp")}
    </button>
  );
}

function Before({ caller }: { caller: Caller }) {
  const { t } = useTranslation();
  const { stage, problem } = caller;
  const impossible = problem === "insecure_page" || problem === "no_webrtc";
  if (stage !== "idle" && stage !== "ended") {
    return (
      <>
        {stage === "asking" && <p className="caller-notice">{t("caller.microphone")}</p>}
        <HangUp caller={caller} />
      </>
    );
  }
  return (
    <>
      {problem && <Trouble problem={problem} />}
      {!impossible && (
        <button type="button" className="caller-button" data-testid="caller-call" onClick={caller.call}>
          <HandsetIcon />
          {t(stage === "ended" ? "caller.again" : "caller.call")}
        </button>
      )}
      {stage === "idle" && (
        <>
          <p className="caller-intro">{t("caller.intro")}</p>
          <dl className="caller-notes">
            <dt>{t("caller.recordingTitle")}</dt>
            <dd>{t("caller.recording")}</dd>
            <dt>{t("caller.microphoneTitle")}</dt>
            <dd>{t("caller.microphone")}</dd>
            <dt>{t("caller.numberTitle")}</dt>
            <dd>{t("caller.number")}</dd>
          </dl>
          <p className="caller-hint">
            <a href="/portal/knowledge">{t("portal.knowledge")}</a>
          </p>
        </>
      )}
    </>
  );
}

function Trouble({ problem }: { problem: NonNullable<Caller["problem"]> }) {
  const { t } = useTranslation();
  const ours = problem === "unavailable" || problem === "tooMany";
  return (
    <div className="caller-trouble" role="alert" data-testid="caller-trouble">
      <p>{t(ours ? `caller.${problem}` : `trouble.${problem}`)}</p>
      <p>
        {t("caller.instead")}
        <a href="tel:12345">{t("caller.dial")}</a>
      </p>
    </div>
  );
}

import {
  AudioMutedOutlined,
  AudioOutlined,
  NumberOutlined,
  PauseOutlined,
  PhoneFilled,
  PlayCircleOutlined,
} from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePhoneState } from "../phone/usePhone";
import { Keypad } from "../ui/Keypad";
import { LevelMeter } from "../ui/LevelMeter";
import { duration, elapsed } from "../ui/time";
import { useNow } from "../ui/useNow";
import { useCallerNumber } from "../ui/useCallerNumber";
import { phone } from "./phone";
import { useWorkspace } from "./store";
import { inThreeway } from "./threeway";
import { useHangUp } from "./useHangUp";

const endLeg = () => phone.hangUp();

/** The browser phone's buttons, as its leg stands. */
export function CallControls() {
  const { t } = useTranslation();
  const { leg, registration } = usePhoneState(phone);
  const state = useWorkspace((workspace) => workspace.agent?.state);
  switch (leg) {
    case "incoming":
      return <Ringing />;
    case "answering":
    case "dialing":
      return <Line label={t("phone.answering")} />;
    case "talking":
      return <Talking />;
    case "none":
      if (registration !== "registered" || state === "wrap_up") return null;
      return <p className="phone-idle">{t(state === "ready" ? "phone.idle" : "phone.idlePaused")}</p>;
  }
}

function useWho(): string {
  const shown = useCallerNumber();
  const { remote } = usePhoneState(phone);
  const call = useWorkspace((workspace) => workspace.call);
  return call === null ? remote : shown(call.caller.number, call.entry);
}

function Line({ label }: { label: string }) {
  return (
    <p className="phone-line" data-testid="phone-line">
      <span>{label}</span>
      <strong>{useWho()}</strong>
    </p>
  );
}

function Ringing() {
  const { t } = useTranslation();
  return (
    <div className="phone-ringing" data-testid="phone-ringing">
      <Line label={t("phone.incoming")} />
      <div className="phone-pair">
        <Button
          className="button-answer"
          size="large"
          icon={<PhoneFilled />}
          onClick={() => void phone.answer()}
          data-testid="answer"
        >
          {t("phone.answer")}
        </Button>
        <Button size="large" className="button-reject" onClick={() => phone.hangUp()} data-testid="reject">
          {t("phone.reject")}
        </Button>
      </div>
    </div>
  );
}

function holdLabel(held: boolean, pending: boolean) {
  if (pending) return held ? "phone.resuming" : "phone.holding";
  return held ? "phone.unhold" : "phone.hold";
}

function Talking() {
  const { t } = useTranslation();
  const { muted, held, holdPending, connectedAt } = usePhoneState(phone);
  const threeway = useWorkspace((workspace) => inThreeway(workspace.call));
  const recording = useWorkspace((workspace) => workspace.call?.recording ?? false);
  const [keypad, setKeypad] = useState(false);
  const hangUp = useHangUp(endLeg);
  // The service knows since when; after a reload this page's own leg is younger than the talk.
  const answeredAt = useWorkspace((workspace) => workspace.call?.answered_at ?? null);
  const offset = useWorkspace((workspace) => workspace.clockOffset);
  const now = useNow();
  const talked = answeredAt ? elapsed(answeredAt, now + offset) : (now - (connectedAt ?? now)) / 1000;
  return (
    <div className="phone-talking" data-testid="phone-talking">
      <div className="phone-line">
        <span>
          {held ? t("phone.onHold") : t("agent.state.talking")}
          {recording && (
            <span className="recording">
              <span className="recording-dot" aria-hidden />
              {t("phone.recording")}
            </span>
          )}
        </span>
        <strong>{useWho()}</strong>
        <span className="phone-time" role="timer" data-testid="talk-time">
          {duration(talked)}
        </span>
      </div>
      <div className="phone-levels">
        <LevelMeter stream={muted ? null : phone.sending} label={t("phone.level")} />
        <LevelMeter stream={phone.receiving} label={t("phone.remoteLevel")} />
      </div>
      <div className="phone-buttons">
        <Button
          icon={held ? <PlayCircleOutlined /> : <PauseOutlined />}
          aria-pressed={held}
          className={held ? "pressed" : undefined}
          disabled={threeway}
          loading={holdPending}
          onClick={() => phone.hold(!held)}
          data-testid="hold"
        >
          {t(holdLabel(held, holdPending))}
        </Button>
        <Button
          icon={muted ? <AudioMutedOutlined /> : <AudioOutlined />}
          aria-pressed={muted}
          className={muted ? "pressed" : undefined}
          onClick={() => phone.mute(!muted)}
          data-testid="mute"
        >
          {t(muted ? "phone.unmute" : "phone.mute")}
        </Button>
        <Button
          icon={<NumberOutlined />}
          aria-expanded={keypad}
          onClick={() => setKeypad(!keypad)}
          data-testid="toggle-keypad"
        >
          {t("phone.keypad")}
        </Button>
      </div>
      {keypad && <Keypad onDigit={(digit) => phone.digit(digit)} />}
      <Button block size="large" className="button-end" onClick={hangUp} data-testid="hang-up">
        <PhoneFilled rotate={225} /> {t("phone.hangUp")}
      </Button>
    </div>
  );
}

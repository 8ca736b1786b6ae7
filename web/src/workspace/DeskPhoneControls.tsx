import { PhoneFilled } from "@ant-design/icons";
import { Button } from "antd";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { duration, elapsed } from "../ui/time";
import { useNow } from "../ui/useNow";
import { useWorkspace } from "./store";
import { useCommand } from "./useCommand";
import { useHangUp } from "./useHangUp";

/** With a SIP phone on the workspace the page shows the call, and ends it; the rest is on the phone itself. */
export function DeskPhoneControls() {
  const { t } = useTranslation();
  const call = useWorkspace((workspace) => workspace.call);
  const state = useWorkspace((workspace) => workspace.agent?.state);
  const offset = useWorkspace((workspace) => workspace.clockOffset);
  const now = useNow() + offset;
  const { send, busy } = useCommand();
  const hangUp = useHangUp(useCallback(() => void send({ command: "hang_up" }), [send]));
  if (call === null || call.state === "wrap_up" || call.state === "ended") {
    if (state === "wrap_up") return null;
    return <p className="phone-idle">{t(state === "ready" ? "phone.idle" : "phone.idlePaused")}</p>;
  }
  const ringing = call.state === "ringing";
  return (
    <div className={ringing ? "phone-ringing" : "phone-talking"} data-testid={ringing ? "phone-ringing" : "phone-talking"}>
      <div className="phone-line">
        <span>
          {ringing ? t("phone.incoming") : call.state === "held" ? t("phone.onHold") : t("agent.state.talking")}
          {call.recording && (
            <span className="recording">
              <span className="recording-dot" aria-hidden />
              {t("phone.recording")}
            </span>
          )}
        </span>
        <strong>{call.caller.number}</strong>
        {!ringing && (
          <span className="phone-time" role="timer">
            {duration(elapsed(call.answered_at, now))}
          </span>
        )}
      </div>
      <p className="phone-idle">{t("phone.usingDeskPhone")}</p>
      {!ringing && (
        <Button
          block
          size="large"
          className="button-end"
          loading={busy === "hang_up"}
          onClick={hangUp}
          data-testid="hang-up"
        >
          <PhoneFilled rotate={225} /> {t("phone.hangUp")}
        </Button>
      )}
    </div>
  );
}

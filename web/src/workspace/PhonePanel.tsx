import { SettingOutlined, SoundOutlined } from "@ant-design/icons";
import { Button, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePhoneState } from "../phone/usePhone";
import { CallControls } from "./CallControls";
import { DeviceSettings } from "./DeviceSettings";
import { DeskPhoneControls } from "./DeskPhoneControls";
import { phone } from "./phone";
import { reconnect, useReconnectState } from "./reconnect";
import { useWorkspace } from "./store";
import { useBell } from "./useRinging";
import { useIsBrowserPhone } from "./usePhoneLink";
import { WrapUp } from "./WrapUp";

export function PhonePanel() {
  const { t } = useTranslation();
  const agent = useWorkspace((workspace) => workspace.agent);
  const browser = useIsBrowserPhone();
  return (
    <section className="panel phone" aria-labelledby="phone-title">
      <header className="panel-head">
        <h2 id="phone-title">{t("phone.title")}</h2>
        {browser && <DevicesButton />}
      </header>
      <PhoneStatus browser={browser} />
      <WhyNot />
      <Blocked />
      <Reconnecting />
      {browser ? <CallControls /> : agent?.state !== "offline" && <DeskPhoneControls />}
      <WrapUp />
      {browser && <p className="shortcuts">{t("phone.shortcuts")}</p>}
    </section>
  );
}

/** Opens away from the phone, whose buttons an agent needs in the middle of a talk. */
function DevicesButton() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      trigger="click"
      placement="rightTop"
      open={open}
      onOpenChange={setOpen}
      content={<DeviceSettings onClose={() => setOpen(false)} />}
      destroyOnHidden
    >
      <Button
        type="text"
        size="small"
        icon={<SettingOutlined />}
        aria-label={t("phone.devices")}
        aria-expanded={open}
        data-testid="phone-devices"
      />
    </Popover>
  );
}

function PhoneStatus({ browser }: { browser: boolean }) {
  const { t } = useTranslation();
  const { registration, trouble } = usePhoneState(phone);
  const agent = useWorkspace((workspace) => workspace.agent);
  if (!browser) {
    const state = agent?.state === "offline" ? "off" : agent?.phone_registered ? "registered" : "lost";
    const text = agent?.state === "offline" ? t("registration.off") : t(`agent.phoneIs.${agent?.phone ?? "desk_phone"}`);
    return (
      <p className="phone-status" data-registration={state} data-testid="phone-status">
        <span className="state-dot" aria-hidden />
        {text}
        {state === "lost" && ` · ${t("agent.why.phone_not_registered")}`}
      </p>
    );
  }
  return (
    <>
      <p className="phone-status" data-registration={registration} data-testid="phone-status" role="status">
        <span className="state-dot" aria-hidden />
        {t(`registration.${registration}`)}
      </p>
      {trouble && (
        <p className="phone-trouble" role="alert" data-testid="phone-trouble">
          {t(`trouble.${trouble}`)}
        </p>
      )}
    </>
  );
}

/** States that the pill at the top says already. */
const OBVIOUS = new Set(["offline", "signed_out", "paused", "wrap_up", "in_call", "ringing", "talking", "busy"]);

function WhyNot() {
  const { t, i18n } = useTranslation();
  const codes = useWorkspace((workspace) => workspace.agent?.why_not_ready);
  const signedIn = useWorkspace((workspace) => workspace.agent?.state !== "offline");
  const told = (codes ?? []).filter((code) => !OBVIOUS.has(code));
  if (!signedIn || told.length === 0) return null;
  const say = (code: string) => (i18n.exists(`agent.why.${code}`) ? t(`agent.why.${code}`) : code);
  return (
    <p className="phone-why" data-testid="why-not-ready">
      {t("agent.whyNot")}
      {told.map(say).join(i18n.language === "en" ? ", " : "、")}
    </p>
  );
}

function Blocked() {
  const { t } = useTranslation();
  const { soundBlocked } = usePhoneState(phone);
  const bell = useBell((state) => state.blocked);
  if (!soundBlocked && !bell) return null;
  return (
    <Button block icon={<SoundOutlined />} className="sound-blocked" onClick={() => phone.unblockSound()}>
      {t("phone.soundBlocked")}
    </Button>
  );
}

function Reconnecting() {
  const { t } = useTranslation();
  const { working, failed } = useReconnectState();
  const callId = useWorkspace((workspace) => workspace.call?.call_id);
  if (!working && failed === null) return null;
  return (
    <div className="reconnecting" role="alert" data-testid="reconnecting">
      <strong>{failed === null ? t("phone.reconnecting") : t("phone.reconnectFailed", { detail: failed })}</strong>
      {failed === null ? (
        <span>{t("phone.reconnectingText")}</span>
      ) : (
        callId && (
          <Button size="small" onClick={() => void reconnect(callId)}>
            {t("phone.reconnectAgain")}
          </Button>
        )
      )}
    </div>
  );
}

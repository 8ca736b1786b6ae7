import { TeamOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CallView, ThreewayView } from "../api/types";
import { duration, elapsed } from "../ui/time";
import { useNow } from "../ui/useNow";
import { specialistPage } from "../units/units";
import { SpecialistPicker } from "./SpecialistPicker";
import { useWorkspace } from "./store";
import { inThreeway } from "./threeway";
import { useCommand } from "./useCommand";

/** Bringing a unit's policy specialist into the call (clause 3). */
export function ThreewayPanel({ call }: { call: CallView }) {
  const { t } = useTranslation();
  const [picking, setPicking] = useState(false);
  const { threeway } = call;
  if (call.state !== "talking" && call.state !== "held") return null;
  return (
    <section className="panel threeway" aria-labelledby="threeway-title" data-testid="threeway">
      <header className="panel-head">
        <h2 id="threeway-title">{t("threeway.title")}</h2>
      </header>
      {threeway && inThreeway(call) ? (
        <Running threeway={threeway} />
      ) : (
        <div className="panel-body">
          <Button block icon={<TeamOutlined />} onClick={() => setPicking(true)} data-testid="threeway-start">
            {t("threeway.start")}
          </Button>
          {threeway?.error && <ErrorLine error={threeway.error} />}
        </div>
      )}
      <SpecialistPicker open={picking} onClose={() => setPicking(false)} />
    </section>
  );
}

function useSay() {
  const { t, i18n } = useTranslation();
  return (error: { code: string; detail: string }) => {
    const key = `threeway.errors.${error.code}`;
    return i18n.exists(key) ? t(key) : error.detail || t("threeway.error");
  };
}

function ErrorLine({ error }: { error: { code: string; detail: string } }) {
  return (
    <p className="threeway-error" role="alert" data-testid="threeway-error">
      {useSay()(error)}
    </p>
  );
}

function Running({ threeway }: { threeway: ThreewayView }) {
  const { t } = useTranslation();
  const offset = useWorkspace((workspace) => workspace.clockOffset);
  const now = useNow() + offset;
  const away = threeway.state === "without_caller" ? "gone" : "music";
  const caller = threeway.with_caller || threeway.state === "without_agent" ? "here" : away;
  return (
    <div className="panel-body" data-state={threeway.state} data-testid="threeway-running">
      <p className="threeway-state" role="status">
        <span>{t(`threeway.state.${threeway.state}`)}</span>
        <span className="phone-time">{duration(elapsed(threeway.since, now))}</span>
      </p>
      {threeway.specialist && (
        <p className="threeway-who">
          <strong>
            <Link to={specialistPage(threeway.specialist.id)}>{threeway.specialist.name}</Link>
          </strong>
          <span className="quiet">{threeway.specialist.unit_name}</span>
        </p>
      )}
      <p className="quiet threeway-caller">{t(`threeway.caller.${caller}`)}</p>
      {threeway.error && <ErrorLine error={threeway.error} />}
      <Moves threeway={threeway} />
    </div>
  );
}

function Moves({ threeway }: { threeway: ThreewayView }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const { send, busy } = useCommand();
  const button = (command: "cancel_consult" | "merge" | "toggle" | "leave" | "hang_up", label: string, primary = false) => (
    <Button
      key={command}
      type={primary ? "primary" : "default"}
      className={command === "hang_up" ? "button-reject" : undefined}
      loading={busy === command}
      onClick={() => void send({ command })}
      data-testid={`threeway-${command}`}
    >
      {label}
    </Button>
  );
  const dropSpecialist = (
    <Button
      key="drop-specialist"
      loading={busy === "drop"}
      onClick={() => void send({ command: "drop", leg: "specialist" })}
      data-testid="threeway-drop-specialist"
    >
      {t("threeway.dropSpecialist")}
    </Button>
  );
  const dropCaller = (
    <Button
      key="drop-caller"
      onClick={() =>
        void modal.confirm({
          title: t("threeway.confirmDropCaller"),
          okText: t("threeway.dropCaller"),
          cancelText: t("common.cancel"),
          onOk: () => send({ command: "drop", leg: "caller" }),
        })
      }
      data-testid="threeway-drop-caller"
    >
      {t("threeway.dropCaller")}
    </Button>
  );
  switch (threeway.state) {
    case "consult_ringing":
      return <div className="moves">{button("cancel_consult", t("threeway.cancel"))}</div>;
    case "consulting":
    case "toggled":
      return (
        <div className="moves">
          {button("merge", t("threeway.merge"), true)}
          {button("toggle", t("threeway.toggle"))}
          {button("cancel_consult", t("threeway.cancel"))}
        </div>
      );
    case "merged":
      return (
        <>
          <div className="moves">
            {dropSpecialist}
            {dropCaller}
            {button("toggle", t("threeway.aside"))}
            {button("leave", t("threeway.leave"))}
          </div>
          <p className="quiet">{t("common.of", { what: t("threeway.leave"), which: t("threeway.leaveText") })}</p>
        </>
      );
    case "without_caller":
      return <div className="moves">{button("hang_up", t("threeway.endAll"))}</div>;
    case "merging":
    case "returning":
    case "without_agent":
    case "ended":
      return null;
  }
}

import { DownOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { AgentView } from "../api/types";
import { duration, elapsed } from "../ui/time";
import { useNow } from "../ui/useNow";
import "./bar.css";
import { QueueCounters } from "./QueueCounters";
import { SignIn } from "./SignIn";
import { useWorkspace } from "./store";
import { useCommand } from "./useCommand";

/** Who I am, what state I am in and since when, and the buttons that change it. */
export function AgentBar() {
  const agent = useWorkspace((workspace) => workspace.agent);
  if (agent === null) return <span className="top-space" />;
  return (
    <div className="agent-bar">
      <QueueCounters />
      <AgentState agent={agent} />
      <Actions agent={agent} />
    </div>
  );
}

function AgentState({ agent }: { agent: AgentView }) {
  const { t, i18n } = useTranslation();
  const offset = useWorkspace((workspace) => workspace.clockOffset);
  const reasons = usePauseReasons();
  const now = useNow() + offset;
  const say = (code: string) => {
    const known = reasons.find((r) => r.code === code);
    if (known) return i18n.language === "en" ? known.label_en : known.label_zh;
    return i18n.exists(`agent.ownReason.${code}`) ? t(`agent.ownReason.${code}`) : code;
  };
  const state = t(`agent.state.${agent.state}`);
  const time = duration(elapsed(agent.since, now));
  const why = agent.state === "paused" && agent.pause_reason ? `${state} · ${say(agent.pause_reason)}` : state;
  const atCall = agent.state === "ringing" || agent.state === "talking" || agent.state === "wrap_up";
  const next = agent.wanted === "off" ? t("agent.state.offline") : say(agent.pause_reason ?? agent.wanted);
  const after = atCall && agent.wanted !== "ready" ? next : null;
  return (
    <div className="agent-state" data-state={agent.state} data-testid="agent-state">
      <span className="agent-who">
        {agent.number} {agent.name}
      </span>
      <span className="state-pill" data-state={agent.state} title={t("agent.stateFor", { state, time })}>
        <span className="state-dot" aria-hidden />
        {why}
        <span className="state-time" role="timer">
          {time}
        </span>
      </span>
      {after && <span className="tag amber">{t("agent.after", { reason: after })}</span>}
    </div>
  );
}

export function usePauseReasons() {
  const query = useQuery({
    queryKey: ["pause-reasons"],
    queryFn: () => unwrap(api.GET("/api/workspace/pause-reasons")),
    staleTime: Infinity,
  });
  return query.data ?? [];
}

function Actions({ agent }: { agent: AgentView }) {
  const { t, i18n } = useTranslation();
  const { send, busy } = useCommand();
  const [open, setOpen] = useState(false);
  const reasons = usePauseReasons();
  const linked = useWorkspace((workspace) => workspace.link === "open");

  if (agent.state === "offline") {
    return (
      <>
        <Button type="primary" disabled={!linked} onClick={() => setOpen(true)} data-testid="sign-in">
          {t("agent.signIn")}
        </Button>
        <SignIn open={open} onClose={() => setOpen(false)} />
      </>
    );
  }
  const inCall = agent.state === "talking" || agent.state === "ringing";
  return (
    <div className="agent-actions">
      {(agent.wanted === "paused" || agent.state === "wrap_up") && (
        <Button
          type="primary"
          className="ready-button"
          disabled={!linked}
          loading={busy === "ready"}
          onClick={() => void send({ command: "ready" })}
          data-testid="go-ready"
        >
          {t("agent.ready")}
        </Button>
      )}
      <Dropdown
        trigger={["click"]}
        disabled={!linked}
        menu={{
          items: reasons.map((r) => ({ key: r.code, label: i18n.language === "en" ? r.label_en : r.label_zh })),
          onClick: ({ key }) => void send({ command: "pause", reason: key }),
        }}
      >
        <Button loading={busy === "pause"} data-testid="go-pause">
          {t("agent.pause")} <DownOutlined aria-hidden />
        </Button>
      </Dropdown>
      <Button
        type="text"
        disabled={!linked || inCall}
        loading={busy === "sign_out"}
        onClick={() => void send({ command: "sign_out" })}
        data-testid="sign-out"
      >
        {t("agent.signOut")}
      </Button>
    </div>
  );
}

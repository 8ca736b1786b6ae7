import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { EmptyState } from "../ui/EmptyState";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { SideDrawer } from "../ui/SideDrawer";
import { StatusTag } from "../ui/StatusTag";
import { AgentDesks } from "./AgentForm";
import { AgentPhone } from "./AgentPhone";
import { type Agent, AGENTS, loadAgents } from "./agents";
import { useEdit } from "./useEdit";

export function AgentDrawer({ number, onClose }: { number: string | null; onClose: () => void }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: [...AGENTS, "all"], queryFn: loadAgents, enabled: number !== null });
  const agent = query.data?.find((one) => one.number === number);
  return (
    <SideDrawer open={number !== null} title={t("agents.one", { number })} onClose={onClose} testId="agent-drawer">
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && !agent && <EmptyState title={t("admin.notFound")} hint={t("admin.notFoundHint")} />}
      {agent && <Detail key={agent.number} agent={agent} />}
    </SideDrawer>
  );
}

function Detail({ agent }: { agent: Agent }) {
  const { t } = useTranslation();
  const edit = useEdit(AGENTS);
  const [asking, setAsking] = useState(false);
  const params = { params: { path: { number: agent.number } } };
  const left = agent.deactivated_at !== null;
  return (
    <>
      <dl className="facts">
        <dt>{t("agents.name")}</dt>
        <dd>{agent.name}</dd>
        <dt>{t("agents.username")}</dt>
        <dd>
          <Link to={`/admin/users/${agent.user_id}`}>{agent.username}</Link>
        </dd>
        <dt>{t("agents.state")}</dt>
        <dd>
          <StatusTag tone={agent.active ? "green" : "plain"}>{t(agent.active ? "admin.active" : "admin.inactive")}</StatusTag>{" "}
          {left ? <Moment iso={agent.deactivated_at} /> : !agent.active && t("agents.accountWhy")}
        </dd>
        <dt>{t("agents.calls")}</dt>
        <dd>
          <Link to={`/calls?agent=${agent.number}`}>{t("agents.callsOf", { number: agent.number })}</Link>
        </dd>
      </dl>
      <h3>{t("agents.work")}</h3>
      <AgentDesks agent={agent} />
      {agent.active && <AgentPhone number={agent.number} />}
      <h3>{t("agents.leave")}</h3>
      {left ? (
        <Button onClick={() => void edit(unwrap(api.POST("/api/agents/{number}/activate", params)))} data-testid="agent-activate">
          {t("admin.activate")}
        </Button>
      ) : (
        <Button danger onClick={() => setAsking(true)} data-testid="agent-deactivate">
          {t("admin.deactivate")}
        </Button>
      )}
      <ConfirmWithReason
        open={asking}
        title={t("agents.deactivateTitle", { number: agent.number })}
        text={t("agents.deactivateText")}
        okText={t("admin.deactivate")}
        danger
        onConfirm={() => edit(unwrap(api.POST("/api/agents/{number}/deactivate", params)))}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

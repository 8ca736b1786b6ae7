import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { PageHead } from "../ui/PageHead";
import { StatusTag } from "../ui/StatusTag";
import { type Column, DataTable } from "../ui/table/DataTable";
import { TextFilter } from "../ui/table/filters";
import { localPage } from "../ui/table/localPage";
import { useTable } from "../ui/table/useTable";
import { AgentDrawer } from "./AgentDrawer";
import { NewAgent } from "./AgentForm";
import { type Agent, AGENTS, loadAgents, useQueues } from "./agents";

const RULES = {
  words: (agent: Agent) => [agent.number, agent.name, agent.username],
  sorts: { number: (agent: Agent) => agent.number, name: (agent: Agent) => agent.name, active: (agent: Agent) => Number(agent.active) },
};

/** Who takes calls: by which number, from which queues, with which phone. */
export default function AgentsPage() {
  const { t } = useTranslation();
  const { id } = useParams();
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const { label } = useQueues();
  const table = useTable<Agent>({
    name: AGENTS[0]!,
    filters: ["search"],
    sorts: ["number", "name", "active"],
    load: async (query) => localPage(await loadAgents(), query, RULES),
  });
  const columns: Column<Agent>[] = [
    {
      key: "number",
      title: t("agents.number"),
      sortable: true,
      render: (_, agent) => <Link to={`/admin/agents/${agent.number}`}>{agent.number}</Link>,
    },
    { key: "name", title: t("agents.name"), sortable: true, dataIndex: "name" },
    { key: "username", title: t("agents.username"), render: (_, agent) => <Link to={`/admin/users/${agent.user_id}`}>{agent.username}</Link> },
    {
      key: "queues",
      title: t("agents.queues"),
      render: (_, agent) => (
        <span className="tags">
          {agent.queues.map((workspace) => (
            <StatusTag key={workspace.queue}>{label(workspace.queue)}</StatusTag>
          ))}
        </span>
      ),
    },
    { key: "wrapUp", title: t("agents.wrapUp"), align: "right", render: (_, agent) => t("agents.seconds", { count: agent.wrap_up_seconds }) },
    {
      key: "active",
      title: t("agents.state"),
      sortable: true,
      render: (_, agent) => <StatusTag tone={agent.active ? "green" : "plain"}>{t(agent.active ? "admin.active" : "admin.inactive")}</StatusTag>,
    },
  ];
  const back = `/admin/agents${params.size > 0 ? `?${params}` : ""}`;
  const add = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)} data-testid="agent-new">
      {t("agents.add")}
    </Button>
  );
  return (
    <div className="page">
      <PageHead title={t("section.agents")} lead={t("section.agentsDoes")}>
        {add}
      </PageHead>
      <DataTable<Agent>
        table={table}
        columns={columns}
        rowKey={(agent) => agent.number}
        rowLink={(agent) => `/admin/agents/${agent.number}`}
        label={t("section.agents")}
        filters={
          <TextFilter
            value={table.address.filters.search}
            label={t("agents.search")}
            onChange={(search) => table.filter({ search })}
            testId="agent-search"
          />
        }
        empty={{ title: t("agents.none"), hint: t("agents.noneHint"), action: add }}
      />
      <AgentDrawer number={id ?? null} onClose={() => void navigate(back)} />
      <NewAgent open={adding} onClose={() => setAdding(false)} />
    </div>
  );
}

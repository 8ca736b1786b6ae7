import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { PageHead } from "../ui/PageHead";
import { StatusTag } from "../ui/StatusTag";
import { FlowsTabs } from "./FlowsTabs";
import { FLOWS, type FlowSummary, loadFlows } from "./flows";
import { NewFlow } from "./NewFlow";

/** All flows: which numbers each answers, what of it is in force, and whether something waits to be published. */
export function FlowList({ canWrite }: { canWrite: boolean }) {
  const { t } = useTranslation();
  const flows = useQuery({ queryKey: FLOWS, queryFn: loadFlows });
  const [adding, setAdding] = useState(false);
  return (
    <div className="page">
      <PageHead title={t("section.flows")} lead={t("section.flowsDoes")}>
        {canWrite && flows.data && (
          <Button onClick={() => setAdding(true)} data-testid="flow-new">
            {t("flows.new")}
          </Button>
        )}
      </PageHead>
      <FlowsTabs open="flows" />
      {flows.isError && <Failed error={flows.error} onRetry={() => void flows.refetch()} />}
      <ul className="flow-cards">{flows.data?.map((flow) => <FlowCard key={flow.id} flow={flow} />)}</ul>
      {adding && flows.data && <NewFlow flows={flows.data} onClose={() => setAdding(false)} />}
    </div>
  );
}

function FlowCard({ flow }: { flow: FlowSummary }) {
  const { t } = useTranslation();
  const numbers = Object.entries(flow.entry_numbers);
  return (
    <li className="flow-card" data-testid={`flow-${flow.id}`}>
      <h2>
        <Link to={`/flows/${flow.id}`}>{flow.title || flow.id}</Link> <code>{flow.id}</code>
      </h2>
      <p>
        {flow.in_force.length === 0 && <StatusTag>{t("flows.never")}</StatusTag>}
        {flow.in_force.map((each) => (
          <span key={each.alias} className="flow-force">
            <StatusTag tone={each.alias === "live" ? "green" : "violet"}>{t(`flows.alias.${each.alias}`)}</StatusTag>
            {t("flows.version", { number: each.number })} · <Moment iso={each.since} /> · {each.by || t("flows.system")}
          </span>
        ))}
        {flow.draft_changed && <StatusTag tone="amber">{t("flows.unpublished")}</StatusTag>}
      </p>
      <p className="quiet">
        {t("flows.numbers")}
        {numbers.length === 0 && t("flows.noNumber")}
        {numbers.map(([number, alias]) => `${number || t("flows.everyNumber")}（${t(`flows.alias.${alias}`)}）`).join("、")}
      </p>
    </li>
  );
}

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { Failed } from "../ui/Failed";
import { LinkTabs } from "../ui/LinkTabs";
import { Moment } from "../ui/Moment";
import { PageHead } from "../ui/PageHead";
import { StatusTag } from "../ui/StatusTag";
import { EntryNumbers } from "./EntryNumbers";
import { FlowEditor } from "./FlowEditor";
import { FLOWS, type FlowView, loadFlow } from "./flows";
import { Publications } from "./Publications";
import { Replays } from "./replays/Replays";
import { Scheduled } from "./Scheduled";
import { Versions } from "./Versions";

const TABS = ["draft", "replays", "versions", "history", "numbers"] as const;

/** One flow: what callers hear now, the draft, every version, and which numbers it answers. */
export function FlowPage({ id, canWrite }: { id: string; canWrite: boolean }) {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const flow = useQuery({ queryKey: [...FLOWS, id], queryFn: () => loadFlow(id), refetchInterval: 30_000 });
  const open = TABS.find((tab) => tab === params.get("tab")) ?? "draft";
  if (flow.isError && !flow.data) {
    return (
      <div className="page">
        <Failed error={flow.error} onRetry={() => void flow.refetch()} />
        <Link to="/flows">{t("flows.all")}</Link>
      </div>
    );
  }
  if (!flow.data) return <div className="page" aria-busy="true" />;
  return (
    <div className="page flow-page">
      <PageHead title={flow.data.title || id}>
        <Link to="/flows">{t("flows.all")}</Link>
      </PageHead>
      <InForce flow={flow.data} />
      <Scheduled flow={flow.data} canWrite={canWrite} />
      <LinkTabs
        label={flow.data.title || id}
        open={open}
        tabs={TABS.map((tab) => ({
          name: tab,
          to: tab === "draft" ? `/flows/${id}` : `/flows/${id}?tab=${tab}`,
          title: t(`flows.tab.${tab}`),
        }))}
      />
      {open === "draft" && <FlowEditor flow={flow.data} canWrite={canWrite} />}
      {open === "replays" && <Replays flow={flow.data} canWrite={canWrite} />}
      {open === "versions" && <Versions flow={flow.data} canWrite={canWrite} />}
      {open === "history" && <Publications id={id} />}
      {open === "numbers" && <EntryNumbers flow={flow.data} canWrite={canWrite} />}
    </div>
  );
}

function InForce({ flow }: { flow: FlowView }) {
  const { t } = useTranslation();
  return (
    <p className="flow-now" data-testid="flow-now">
      {flow.in_force.length === 0 && t("flows.neverText")}
      {flow.in_force.map((each) => (
        <span key={each.alias} className="flow-force" data-testid={`in-force-${each.alias}`}>
          <StatusTag tone={each.alias === "live" ? "green" : "violet"}>{t(`flows.alias.${each.alias}`)}</StatusTag>
          {t("flows.version", { number: each.number })} · <Moment iso={each.since} /> · {each.by || t("flows.system")}
          {each.reason && ` · ${each.reason}`}
        </span>
      ))}
      {flow.draft_changed && <StatusTag tone="amber">{t("flows.unpublished")}</StatusTag>}
    </p>
  );
}

import { useQueries } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { SessionUser } from "../api/types";
import { COUNTS_EVERY_MS } from "../cases/workLists";
import { LinkTabs } from "../ui/LinkTabs";
import { PageHead } from "../ui/PageHead";
import { Ledger } from "./Ledger";
import { LEDGER, SUPERVISION } from "./supervision";
import { countEntries, countTasks } from "./supervisionApi";
import { TaskList } from "./TaskList";

const TABS = [
  { name: "tasks", to: "/supervision", title: "supervision.tasks", key: SUPERVISION, count: countTasks },
  { name: "ledger", to: "/supervision?tab=ledger", title: "ledger.title", key: LEDGER, count: countEntries },
] as const;

/** What units are held to, and the cases that are not solved yet. */
export default function SupervisionPage({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const tab = params.get("tab") === "ledger" ? "ledger" : "tasks";
  const counts = useQueries({
    queries: TABS.map(({ key, count }) => ({
      queryKey: [...key, "count"],
      queryFn: count,
      refetchInterval: COUNTS_EVERY_MS,
    })),
  });
  return (
    <div className="page">
      <PageHead title={t("section.supervision")} lead={t("section.supervisionDoes")} />
      <LinkTabs
        label={t("section.supervision")}
        open={tab}
        tabs={TABS.map(({ name, to, title }, at) => ({ name, to, title: t(title), count: counts[at]?.data }))}
      />
      {tab === "tasks" ? <TaskList user={user} /> : <Ledger user={user} />}
    </div>
  );
}

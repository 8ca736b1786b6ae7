import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { SessionUser } from "../api/types";
import "../cases/lists.css";
import { COUNTS_EVERY_MS } from "../cases/workLists";
import { PageHead } from "../ui/PageHead";
import { Ledger } from "./Ledger";
import { LEDGER, SUPERVISION } from "./supervision";
import { countEntries, countTasks } from "./supervisionApi";
import { TaskList } from "./TaskList";

const TABS = [
  { name: "tasks", path: "/supervision", title: "supervision.tasks", key: SUPERVISION, count: countTasks },
  { name: "ledger", path: "/supervision?tab=ledger", title: "ledger.title", key: LEDGER, count: countEntries },
] as const;

/** What units are held to, and the cases that are not solved yet. */
export default function SupervisionPage({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const tab = params.get("tab") === "ledger" ? "ledger" : "tasks";
  return (
    <div className="page">
      <PageHead title={t("section.supervision")} lead={t("section.supervisionDoes")} />
      <nav className="list-tabs" aria-label={t("section.supervision")}>
        {TABS.map((one) => (
          <Link key={one.name} to={one.path} aria-current={one.name === tab ? "page" : undefined} data-testid={`tab-${one.name}`}>
            {t(one.title)}
            <OpenCount of={one} />
          </Link>
        ))}
      </nav>
      {tab === "tasks" ? <TaskList user={user} /> : <Ledger user={user} />}
    </div>
  );
}

function OpenCount({ of }: { of: (typeof TABS)[number] }) {
  const { data } = useQuery({ queryKey: [...of.key, "count"], queryFn: of.count, refetchInterval: COUNTS_EVERY_MS });
  return data === undefined ? null : <span className="list-count">{data}</span>;
}

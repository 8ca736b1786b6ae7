import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { SessionUser } from "../api/types";
import { Waiting } from "../app/Waiting";
import { EmptyState } from "../ui/EmptyState";
import { Failed } from "../ui/Failed";
import { LinkTabs } from "../ui/LinkTabs";
import { PageHead } from "../ui/PageHead";
import { CaseList } from "./CaseList";
import "./lists.css";
import { COUNTS_EVERY_MS, countText, firstList, PRESSING, WORK_LISTS } from "./workLists";
import { loadCounts } from "./workListsApi";

/** The user's own work lists, each with how much is in it; the first that holds something is open. */
export function WorkLists({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const counts = useQuery({ queryKey: [...WORK_LISTS, "counts"], queryFn: loadCounts, refetchInterval: COUNTS_EVERY_MS });
  if (counts.isPending) return <Waiting />;
  const lists = counts.data ?? [];
  const wanted = params.get("list");
  const open = lists.find(({ name }) => name === wanted) ?? lists.find(({ name }) => name === firstList(lists));
  return (
    <div className="page cases-page">
      <PageHead title={t("section.cases")} />
      {counts.isError && <Failed error={counts.error} onRetry={() => void counts.refetch()} />}
      <LinkTabs
        label={t("worklists.lists")}
        open={open?.name}
        tabs={lists.map((list) => ({
          name: list.name,
          to: `?list=${list.name}`,
          title: t(`worklists.list.${list.name}`),
          count: list.count === null ? undefined : countText(list),
          pressing: Boolean(list.count) && PRESSING.has(list.name),
        }))}
      />
      {open ? (
        <CaseList key={open.name} user={user} list={open} />
      ) : (
        !counts.isError && <EmptyState title={t("worklists.noLists")} hint={t("worklists.noListsHint")} />
      )}
    </div>
  );
}

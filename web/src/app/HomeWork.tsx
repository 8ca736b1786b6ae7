import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { COUNTS_EVERY_MS, countText, PRESSING, WORK_LISTS } from "../cases/workLists";
import { loadCounts } from "../cases/workListsApi";
import { SUPERVISION } from "../supervision/supervision";
import { countTasks } from "../supervision/supervisionApi";
import { mayOpenPath } from "./opening";

/** The user's own work by list, as big links: what presses first, empty lists left out. */
export function HomeWork({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const canRead = may(user, "case.read");
  const counts = useQuery({
    queryKey: [...WORK_LISTS, "counts"],
    queryFn: loadCounts,
    refetchInterval: COUNTS_EVERY_MS,
    enabled: canRead,
  });
  const supervises = mayOpenPath(user, "/supervision");
  const supervision = useQuery({
    queryKey: [...SUPERVISION, "count"],
    queryFn: countTasks,
    refetchInterval: COUNTS_EVERY_MS,
    enabled: supervises,
  });
  const tasks = supervision.data ?? 0;
  const lists = (counts.data ?? []).filter(({ count }) => count !== null);
  if (!canRead || lists.length === 0) return null;
  const waiting = lists.filter(({ count }) => count);
  const sorted = [...waiting.filter(({ name }) => PRESSING.has(name)), ...waiting.filter(({ name }) => !PRESSING.has(name))];
  return (
    <section aria-label={t("worklists.mine")} data-testid="home-work">
      <h2>{t("worklists.mine")}</h2>
      {waiting.length === 0 && tasks === 0 && <p className="quiet">{t("worklists.nothingWaits")}</p>}
      <ul className="home-figures">
        {tasks > 0 && (
          <li className="pressing">
            <Link to="/supervision" data-testid="work-supervision">
              <strong>{tasks}</strong>
              {t("supervision.openTasks")}
            </Link>
          </li>
        )}
        {sorted.map((list) => (
          <li key={list.name} className={PRESSING.has(list.name) ? "pressing" : undefined}>
            <Link to={`/cases?list=${list.name}`} data-testid={`work-${list.name}`}>
              <strong>{countText(list)}</strong>
              {t(`worklists.list.${list.name}`)}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

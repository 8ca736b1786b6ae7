import { useQueries } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import type { CallFilter, SessionUser } from "../api/types";
import { queryOf, readFilters } from "../calls/filters";
import { useMinute } from "../ui/useNow";
import { wallClock } from "../ui/zone";
import { mayOpen } from "./access";

/** Counts of today's calls; each opens the rows it counts, by the very address that is counted. */
export function HomeFigures({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const today = wallClock(useMinute()).slice(0, 10);
  const canCalls = mayOpen(user, ["call.read", "call.read_all"]);
  const figures = ["", "answered", "abandoned_queue", "voicemail"].map((outcome) => ({
    key: outcome || "all",
    search: new URLSearchParams({ from: today, to: today, ...(outcome && { outcome }) }),
  }));
  const counts = useQueries({
    queries: figures.map(({ search }) => {
      const filter: CallFilter = { ...queryOf(readFilters(search)), limit: 1 };
      return {
        queryKey: ["calls", "count", filter],
        queryFn: () => unwrap(api.GET("/api/calls", { params: { query: filter } })),
        enabled: canCalls,
        refetchOnMount: "always" as const,
      };
    }),
  });
  if (!canCalls) return null;
  return (
    <ul className="home-figures" aria-label={t("home.today")}>
      {figures.map(({ key, search }, index) => (
        <li key={key}>
          <Link to={`/calls?${search}`} data-testid={`figure-${key}`}>
            <strong>{counts[index]?.data?.total ?? "—"}</strong>
            {t(`home.figure.${key}`)}
          </Link>
        </li>
      ))}
    </ul>
  );
}

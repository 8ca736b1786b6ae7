import { useQuery } from "@tanstack/react-query";
import { Badge, Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { COUNTS_EVERY_MS } from "../../cases/workLists";
import { countRequests, REQUESTS } from "./requests";

/** To the requests, with how many wait; red while one is overdue. */
export function RequestsLink() {
  const { t } = useTranslation();
  const counts = useQuery({ queryKey: [...REQUESTS, "counts"], queryFn: countRequests, refetchInterval: COUNTS_EVERY_MS });
  const waiting = counts.data?.waiting ?? 0;
  return (
    <Link to="/knowledge/requests">
      <Badge count={waiting} {...((counts.data?.overdue ?? 0) === 0 && { color: "blue" })}>
        <Button data-testid="requests-link">{t("requests.title")}</Button>
      </Badge>
    </Link>
  );
}

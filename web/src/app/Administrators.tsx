import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { Failed } from "../ui/Failed";

/** Who can give a role: by name, because "your administrator" helps nobody. */
export function Administrators() {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ["session", "administrators"],
    queryFn: () => unwrap(api.GET("/api/session/administrators")),
  });
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return <p role="status">{t("common.loading")}</p>;
  return (
    <p data-testid="administrators">
      {query.data.length > 0 ? t("home.ask", { names: query.data.map((one) => one.name).join(t("home.and")) }) : t("home.askOperator")}
    </p>
  );
}

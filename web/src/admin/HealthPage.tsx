import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { Failed } from "../ui/Failed";
import { PageHead } from "../ui/PageHead";
import { StatusTag } from "../ui/StatusTag";

const EVERY_MS = 10_000;
const TONES = { ready: "green", degraded: "amber", not_ready: "red" } as const;

/** Each part of the service: whether it is as it should be, what callers notice, and what to do. */
export default function HealthPage() {
  const { t, i18n } = useTranslation();
  const query = useQuery({
    queryKey: ["system", "health"],
    queryFn: () => unwrap(api.GET("/api/system/health", { headers: { "X-Hotline-Background": "1" } })),
    refetchInterval: EVERY_MS,
  });
  const say = (key: string, otherwise: string) => (i18n.exists(key) ? t(key) : otherwise);
  const health = query.data;
  return (
    <div className="page">
      <PageHead title={t("section.health")} lead={t("section.healthDoes")}>
        <Button onClick={() => void query.refetch()} loading={query.isFetching}>
          {t("health.again")}
        </Button>
      </PageHead>
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {health && (
        <>
          <section className="card health-state" data-status={health.status} role="status" data-testid="health">
            <StatusTag tone={TONES[health.status]}>{t(`health.status.${health.status}`)}</StatusTag>
            <span>{t(`health.statusText.${health.status}`)}</span>
          </section>
          <ul className="health-parts">
            {health.parts.map((part) => (
              <li key={part.name} className="card" data-testid={`health-${part.name}`}>
                <div className="health-head">
                  <strong>{say(`health.part.${part.name}.name`, part.name)}</strong>
                  <StatusTag tone={part.ok ? "green" : part.critical ? "red" : "amber"}>
                    {t(part.ok ? "health.ok" : "health.bad")}
                  </StatusTag>
                </div>
                <p className="quiet">{say(`health.part.${part.name}.text`, "")}</p>
                {!part.ok && <p>{say(`health.part.${part.name}.todo`, t("health.todo"))}</p>}
                {part.detail && <code>{part.detail}</code>}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

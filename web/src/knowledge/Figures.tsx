import { useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { Failed } from "../ui/Failed";
import { KNOWLEDGE } from "./knowledge";

const PERIODS = [7, 30, 90] as const;

/** How the knowledge base does, each figure with what it is made of; read only once it is opened. */
export function Figures() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [days, setDays] = useState<number>(30);
  const today = dayjs();
  const query = { first: today.subtract(days - 1, "day").format("YYYY-MM-DD"), last: today.format("YYYY-MM-DD") };
  const figures = useQuery({
    queryKey: [...KNOWLEDGE, "figures", query],
    queryFn: () => unwrap(api.GET("/api/knowledge-figures", { params: { query } })),
    enabled: open,
  });
  const share = ({ count, of }: { count: number; of: number }) => (of === 0 ? "—" : `${((100 * count) / of).toFixed(1)} %`);
  const seconds = (value: number | null) => (value === null ? "—" : t("knowledge.figure.seconds", { count: value }));
  const found = figures.data;
  const shown = found && [
    { name: "reviewed", value: share(found.reviewed), parts: { count: found.reviewed.count, of: found.reviewed.of } },
    ...(found.direct ? [{ name: "direct", value: share(found.direct), parts: { count: found.direct.count, of: found.direct.of } }] : []),
    { name: "times", value: seconds(found.times.median), parts: { p90: seconds(found.times.p90), of: found.times.of, cases: found.times.cases } },
    { name: "gaps", value: String(found.gaps.of), parts: { count: found.gaps.count, of: found.gaps.of } },
  ];
  return (
    <details className="knowledge-figures" onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="knowledge-figures">
      <summary>{t("knowledge.figure.title")}</summary>
      <Segmented
        value={days}
        onChange={setDays}
        options={PERIODS.map((value) => ({ value, label: t("knowledge.figure.days", { count: value }) }))}
        aria-label={t("knowledge.figure.period")}
      />
      {figures.isError && <Failed error={figures.error} onRetry={() => void figures.refetch()} />}
      {shown && (
        <dl>
          {shown.map(({ name, value, parts }) => (
            <div key={name} data-testid={`figure-${name}`}>
              <dt>{t(`knowledge.figure.${name}`)}</dt>
              <dd>
                <strong>{value}</strong> {t(`knowledge.figure.${name}Parts`, parts)}
              </dd>
              <dd className="quiet">{t(`knowledge.figure.${name}Is`)}</dd>
            </div>
          ))}
        </dl>
      )}
    </details>
  );
}

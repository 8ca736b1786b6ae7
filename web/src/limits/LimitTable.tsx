import { EditOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCalendar } from "../admin/calendar/useCalendar";
import { Waiting } from "../app/Waiting";
import { Failed } from "../ui/Failed";
import { StatusTag } from "../ui/StatusTag";
import { LimitForm } from "./LimitForm";
import { type Limit, type LimitLine, LIMITS, linesOf, PROFILES } from "./limits";
import { loadLimits } from "./limitsApi";
import { useLimitWords } from "./useLimitWords";

/** Every limit in force: a line a step, the profiles side by side, each with where it comes from. */
export function LimitTable({ canManage }: { canManage: boolean }) {
  const { t } = useTranslation();
  const words = useLimitWords();
  const [changing, setChanging] = useState<Limit | null>(null);
  const limits = useQuery({ queryKey: [...LIMITS, "all"], queryFn: loadLimits });
  if (limits.isError) return <Failed error={limits.error} onRetry={() => void limits.refetch()} />;
  if (limits.data === undefined) return <Waiting />;
  const lines = linesOf(limits.data);
  return (
    <>
      <p className="quiet">{t("limitTable.explained")}</p>
      <table className="limit-table" aria-label={t("section.limits")}>
        <thead>
          <tr>
            <th scope="col">{t("limitTable.step")}</th>
            {PROFILES.map((profile) => (
              <th key={profile} scope="col">
                {t(`limitTable.profile.${profile}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line, index) => (
            <tr key={line.key} className={lines[index - 1]?.step === line.step ? undefined : "limit-first"}>
              <th scope="row">
                {words.step(line.step)} <span className="quiet">{of(line)}</span>
              </th>
              {PROFILES.map((profile) => (
                <td key={profile} data-label={t(`limitTable.profile.${profile}`)}>
                  <Cell limit={line.by[profile]} onChange={canManage ? setChanging : undefined} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {changing && <LimitForm limit={changing} onClose={() => setChanging(null)} />}
    </>
  );

  function of(line: LimitLine) {
    return words.of(line.of.type ?? line.of.urgency ?? "any");
  }
}

function Cell({ limit, onChange }: { limit: Limit | undefined; onChange?: (limit: Limit) => void }) {
  const { t } = useTranslation();
  const words = useLimitWords();
  const tables = useCalendar().data?.tables ?? [];
  if (limit === undefined) return <span className="quiet">{t("limitTable.none")}</span>;
  const hours = tables.find(({ name }) => name === limit.hours)?.title ?? limit.hours;
  return (
    <span className="limit-cell" data-testid={`limit-${limit.key}`}>
      <span>
        <strong>{words.amount(limit.amount, limit.hours)}</strong>{" "}
        {limit.version > 0 && <StatusTag tone="brand">{t("limitTable.own")}</StatusTag>}
        <span className="quiet limit-source">
          {words.source(limit.source)} · {hours}
          {limit.version > 0 && ` · ${t("limitTable.shipped", { amount: words.amount(limit.shipped_amount, limit.hours) })}`}
        </span>
      </span>
      {onChange && (
        <Button
          type="text"
          icon={<EditOutlined />}
          aria-label={t("common.of", { what: t("limitTable.change"), which: words.key(limit.key) })}
          onClick={() => onChange(limit)}
          data-testid={`change-${limit.key}`}
        />
      )}
    </span>
  );
}

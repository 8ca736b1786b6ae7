import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { plain } from "../ui/table/address";
import { isDay } from "../ui/zone";
import type { UnitRoster } from "./units";

/** The day in the address whose week is shown; "": today. */
export function useWeek(): string {
  const [params] = useSearchParams();
  const day = plain(params.get("week"));
  return isDay(day) && day >= "2000" ? day : "";
}

/** Earlier and later weeks, in the address. */
export function WeekChoice({ roster }: { roster: UnitRoster }) {
  const { t } = useTranslation();
  const [, setParams] = useSearchParams();
  const monday = roster.days[0]!.day;
  const sunday = roster.days[6]!.day;
  const present = roster.today >= monday && roster.today <= sunday;
  const to = (day: string) =>
    setParams(
      (params) => {
        if (day) params.set("week", day);
        else params.delete("week");
        return params;
      },
      { replace: true },
    );
  return (
    <div className="week-choice">
      <Button size="small" icon={<LeftOutlined />} aria-label={t("roster.earlier")} onClick={() => to(shifted(monday, -7))} data-testid="week-earlier" />
      <strong data-testid="week-shown">
        {monday} – {sunday.slice(5)}
      </strong>
      <Button size="small" icon={<RightOutlined />} aria-label={t("roster.later")} onClick={() => to(shifted(monday, 7))} data-testid="week-later" />
      <Button size="small" disabled={present} onClick={() => to("")} data-testid="week-present">
        {t("roster.thisWeek")}
      </Button>
    </div>
  );
}

function shifted(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

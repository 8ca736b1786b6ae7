import { useTranslation } from "react-i18next";
import { type RosterContent, weekRows } from "./roster";

interface Props {
  roster: RosterContent;
  /** Names of the unit's specialists, by id. */
  names: Record<string, string>;
}

/** A roster in words: the week's hours, then the dates that are otherwise. */
export function RosterWeek({ roster, names }: Props) {
  const { t } = useTranslation();
  const hours = (one: { start: string; end: string }) =>
    t(one.end > one.start ? "roster.hours" : "roster.hoursNight", { start: one.start, end: one.end });
  return (
    <ul className="quiet" data-testid="roster">
      {weekRows(roster.weekly).map((row) => (
        <li key={`${row.weekdays.join("")}${row.start}${row.end}`}>
          {row.weekdays.map((day) => t(`roster.weekday.${day}`)).join(t("home.and"))} {hours(row)}
        </li>
      ))}
      {(roster.exceptions ?? []).map((one) => (
        <li key={one.day}>
          {one.day} {one.shifts?.length ? one.shifts.map(hours).join(t("home.and")) : t("roster.off")}
          {one.substitute_id && ` · ${t("roster.standsIn", { name: names[one.substitute_id] ?? "—" })}`}
          {one.note && ` · ${one.note}`}
        </li>
      ))}
    </ul>
  );
}

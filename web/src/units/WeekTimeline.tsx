import { useTranslation } from "react-i18next";
import { StatusTag } from "../ui/StatusTag";
import { useMinute } from "../ui/useNow";
import { wallClock } from "../ui/zone";
import { clock, gaps, minutesOf } from "./grid";
import "./timeline.css";
import type { RosteredSpecialist, UnitRoster } from "./units";

const DAY = 24 * 60;
const HOURS = Array.from({ length: 8 }, (_, at) => at * 3);

interface Props {
  roster: UnitRoster;
  /** A lane each. */
  shown: RosteredSpecialist[];
  /** Whether hours in which nobody is on duty stand out. */
  withGaps?: boolean;
}

/** A week, day by day, against the hours: each stretch on duty as a bar, holidays and make-up days named. */
export function WeekTimeline({ roster, shown, withGaps = false }: Props) {
  const { t } = useTranslation();
  const [today, time] = wallClock(useMinute()).split("T");
  return (
    <div className="week" data-testid="week">
      <div className="week-hours" aria-hidden>
        {HOURS.map((hour) => (
          <span key={hour}>{hour}</span>
        ))}
      </div>
      {roster.days.map(({ day, kind, name }, at) => (
        <section key={day} className="week-day" data-today={day === today} data-kind={kind ?? "plain"} aria-label={day} data-testid={`day-${day}`}>
          <h3>
            {t(`roster.weekday.${at}`)} <span className="quiet">{day.slice(5)}</span>
            {kind && <StatusTag tone={kind === "off" ? "red" : "green"}>{t(`roster.kind.${kind}`, { name })}</StatusTag>}
          </h3>
          <div className="week-track">
            {shown.map((one, lane) => (
              <ul key={one.id} className="week-lane" data-lane={lane % 5} aria-label={one.name}>
                {one.hours
                  .filter((hours) => hours.day === day)
                  .map(({ start, end }) => (
                    <Bar key={start} start={minutesOf(start)} end={minutesOf(end)} name={shown.length > 1 ? one.name : ""} />
                  ))}
              </ul>
            ))}
            {withGaps && (
              <ul className="week-lane nobody" aria-label={t("units.nobody")}>
                {gaps(shown.flatMap((one) => one.hours.filter((hours) => hours.day === day))).map(({ from, to }) => (
                  <Bar key={from} start={from} end={to} name={t("roster.nobody")} />
                ))}
              </ul>
            )}
            {day === today && <span className="week-now" aria-hidden style={{ left: `${(minutesOf(time!) / DAY) * 100}%` }} />}
          </div>
        </section>
      ))}
    </div>
  );
}

function Bar({ start, end, name }: { start: number; end: number; name: string }) {
  const { t } = useTranslation();
  const hours = start === 0 && end === DAY ? t("roster.allDay") : t("roster.hours", { start: clock(start), end: clock(end) });
  const words = [name, hours].filter(Boolean).join(" ");
  const [before, after] = words.split("–");
  return (
    <li className="week-bar" title={words} style={{ left: `${(start / DAY) * 100}%`, width: `${((end - start) / DAY) * 100}%` }}>
      {before}
      {after && (
        <>
          –<wbr />
          {after}
        </>
      )}
    </li>
  );
}

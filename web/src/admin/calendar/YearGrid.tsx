import { useTranslation } from "react-i18next";
import { type DayEntry, isWeekend, monthDays, WEEKDAYS } from "./calendar";

interface Props {
  year: number;
  days: DayEntry[];
  edited: ReadonlySet<string>;
  onClick?: ((day: string) => void) | undefined;
}

export function YearGrid({ year, days, edited, onClick }: Props) {
  const { t, i18n } = useTranslation();
  const month = new Intl.DateTimeFormat(i18n.language, { month: "long", timeZone: "UTC" });
  const known = new Map(days.map((one) => [one.day, one]));

  function cell(day: string) {
    const entry = known.get(day);
    const state = entry?.kind ?? (isWeekend(day) ? "weekend" : "plain");
    const className = `year-day ${state} ${edited.has(day) ? "edited" : ""}`;
    const label = `${day} ${t(`calendar.${state}`)} ${entry?.name ?? ""}`.trim();
    const number = Number(day.slice(8));
    return onClick ? (
      <button key={day} type="button" className={className} title={label} aria-label={label} onClick={() => onClick(day)}>
        {number}
      </button>
    ) : (
      <div key={day} className={className} title={label} role="img" aria-label={label}>
        {number}
      </div>
    );
  }
  return (
    <div className="year-grid" data-testid="calendar-grid">
      {Array.from({ length: 12 }, (_, at) => (
        <section key={at}>
          <h3>{month.format(new Date(Date.UTC(year, at, 1)))}</h3>
          <div className="year-month">
            {WEEKDAYS.map((day) => (
              <span key={day}>{t(`calendar.short.${day}`)}</span>
            ))}
            {monthDays(year, at + 1).map((day, place) => (day === null ? <span key={place} /> : cell(day)))}
          </div>
        </section>
      ))}
    </div>
  );
}

import type { components } from "../../api/generated";

type View = components["schemas"];
export type CalendarYear = View["CalendarYear"];
export type DayKind = View["DayKind"];
export type DayEntry = View["DayEntry"];
export type HoursTable = View["HoursTableView"];
export type Hours = View["Hours"];

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** The days of a month in weeks from Monday; null before the first. */
export function monthDays(year: number, month: number): (string | null)[] {
  const first = new Date(Date.UTC(year, month - 1, 1));
  const blank: (string | null)[] = Array.from({ length: (first.getUTCDay() + 6) % 7 }, () => null);
  const count = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const days = Array.from({ length: count }, (_, at) => new Date(Date.UTC(year, month - 1, at + 1)).toISOString().slice(0, 10));
  return [...blank, ...days];
}

export function isWeekend(day: string): boolean {
  return [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
}

/** What a click makes of a day: a workday becomes a holiday, a weekend day a holiday, then a make-up day, then plain. */
export function nextKind(day: string, kind: DayKind | undefined): DayKind | undefined {
  if (kind === undefined) return "off";
  return kind === "off" && isWeekend(day) ? "work" : undefined;
}

/** "09:00-12:00 13:30-17:30" as windows. */
export function windowsOf(text: string | undefined): string[] {
  return (text ?? "").split(/[\s,，、;；]+/).filter(Boolean);
}

export type WeekTexts = Partial<Record<(typeof WEEKDAYS)[number], string>>;

export function weekTexts(week: Hours["week"]): WeekTexts {
  return Object.fromEntries(Object.entries(week).map(([day, windows]) => [day, windows.join(" ")]));
}

export function weekOf(texts: WeekTexts | undefined): Hours["week"] {
  const week = WEEKDAYS.map((day) => [day, windowsOf(texts?.[day])] as const).filter(([, windows]) => windows.length > 0);
  return Object.fromEntries(week);
}

/** Runs of weekdays with the same windows: [["mon", "fri", "09:00-17:30"]]. */
export function weekRuns(week: Hours["week"]): [string, string, string][] {
  const runs: [string, string, string][] = [];
  let open = false;
  for (const day of WEEKDAYS) {
    const text = (week[day] ?? []).join(" ");
    const last = runs.at(-1);
    if (open && last && last[2] === text) last[1] = day;
    else if (text) runs.push([day, day, text]);
    open = text !== "";
  }
  return runs;
}

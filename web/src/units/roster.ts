import type { components } from "../api/generated";

export type RosterContent = components["schemas"]["RosterContent"];
export type Shift = components["schemas"]["ShiftBody"];

/** A row of the form: the same hours on several weekdays. */
export interface WeekRow {
  weekdays: number[];
  start: string;
  end: string;
}

export interface ExceptionRow {
  day: string;
  substitute_id?: string | null;
  note?: string;
  /** Other hours of that day; both empty: off duty. */
  start?: string;
  end?: string;
}

/** Shifts of the same hours as one row, Monday first. */
export function weekRows(weekly: RosterContent["weekly"] = []): WeekRow[] {
  const rows = new Map<string, WeekRow>();
  for (const { weekday, start, end } of weekly) {
    const row = rows.get(`${start}-${end}`) ?? { weekdays: [], start, end };
    rows.set(`${start}-${end}`, { ...row, weekdays: [...new Set([...row.weekdays, weekday])].sort() });
  }
  return [...rows.values()].sort((a, b) => a.weekdays[0]! - b.weekdays[0]! || a.start.localeCompare(b.start));
}

/** Rows that are not filled in yet count for nothing. */
export function weeklyOf(rows: Partial<WeekRow>[]): NonNullable<RosterContent["weekly"]> {
  const whole = rows.filter((row): row is WeekRow => Boolean(row.weekdays && row.start && row.end));
  return whole.flatMap(({ weekdays, start, end }) => weekdays.map((weekday) => ({ weekday, start, end })));
}

export function exceptionRows(exceptions: RosterContent["exceptions"] = []): ExceptionRow[] {
  return exceptions.map(({ day, shifts = [], substitute_id, note }) => ({ day, substitute_id, note, ...shifts[0] }));
}

export function exceptionsOf(rows: ExceptionRow[]): NonNullable<RosterContent["exceptions"]> {
  return rows.map(({ day, substitute_id, note, start, end }) => {
    const shifts: Shift[] = start && end ? [{ start, end }] : [];
    return { day, shifts, substitute_id: substitute_id || null, note: note ?? "" };
  });
}

/** A weekly roster on a grid of half hours; minutes count from Monday 00:00. What is off the half hour stays as it is. */
import type { RosterContent, Shift } from "./roster";

export const SLOT = 30;
const HOUR = 60;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
export const SLOTS = DAY / SLOT;
export const DAYS = [0, 1, 2, 3, 4, 5, 6] as const;
/** The service takes so many shifts a week. */
export const MOST_SHIFTS = 42;

export type Weekly = NonNullable<RosterContent["weekly"]>;

/** At most a day long; of Sunday's night the end lies beyond the week. */
export interface Stretch {
  from: number;
  to: number;
}

export interface Cell {
  day: number;
  slot: number;
}

export type Fill = "on" | "part" | "off";

const two = (n: number) => String(n).padStart(2, "0");

export function clock(minutes: number): string {
  return `${two(Math.floor(minutes / HOUR))}:${two(minutes % HOUR)}`;
}

export function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * HOUR + Number(text.slice(3, 5));
}

/** A stretch belongs to the day it begins on. */
export function stretchesOf(weekly: Weekly): Stretch[] {
  return weekly.map(({ weekday, start, end }) => {
    const from = weekday * DAY + minutesOf(start);
    return { from, to: weekday * DAY + minutesOf(end) + (end > start ? 0 : DAY) };
  });
}

export function weeklyFrom(stretches: Stretch[]): Weekly {
  return [...stretches]
    .sort((a, b) => a.from - b.from)
    .map(({ from, to }) => ({ weekday: Math.floor(from / DAY), start: clock(from % DAY), end: clock(to % DAY) }));
}

export function range({ day, slot }: Cell): Stretch {
  const from = day * DAY + slot * SLOT;
  return { from, to: from + SLOT };
}

/** All half hours between two corners, one stretch a day. */
export function rectangle(a: Cell, b: Cell): Stretch[] {
  const first = Math.min(a.slot, b.slot);
  const last = Math.max(a.slot, b.slot);
  return DAYS.filter((day) => day >= Math.min(a.day, b.day) && day <= Math.max(a.day, b.day)).map((day) => ({
    from: range({ day, slot: first }).from,
    to: range({ day, slot: last }).to,
  }));
}

/** The parts of `whole` that none of `others` covers. */
export function without(whole: Stretch, others: Stretch[]): Stretch[] {
  return others.reduce<Stretch[]>((left, other) => left.flatMap((part) => cut(part, other)), [whole]);
}

function cut({ from, to }: Stretch, away: Stretch): Stretch[] {
  if (away.to <= from || away.from >= to) return [{ from, to }];
  return [
    { from, to: away.from },
    { from: away.to, to },
  ].filter((part) => part.from < part.to);
}

/** The same hours a week earlier and later too, for a night that ends after Sunday. */
function around(stretches: Stretch[]): Stretch[] {
  return [-WEEK, 0, WEEK].flatMap((shift) => stretches.map(({ from, to }) => ({ from: from + shift, to: to + shift })));
}

/** How much of each half hour is on duty: by day, then by slot. */
export function fills(stretches: Stretch[]): Fill[][] {
  const all = around(stretches);
  return DAYS.map((day) =>
    Array.from({ length: SLOTS }, (_, slot) => {
      const cell = range({ day, slot });
      const off = without(cell, all).reduce((sum, { from, to }) => sum + to - from, 0);
      return off === 0 ? "on" : off === SLOT ? "off" : "part";
    }),
  );
}

/** `stretches` with `ranges` on or off duty. What is not touched keeps its day and its minutes. */
export function paint(stretches: Stretch[], ranges: Stretch[], on: boolean): Stretch[] {
  if (!on) return stretches.flatMap((one) => without(one, around(ranges))).map(inWeek);
  const all = around(stretches);
  return ranges.flatMap((one) => without(one, all)).reduce(add, stretches);
}

function inWeek({ from, to }: Stretch): Stretch {
  const shift = from >= WEEK ? WEEK : 0;
  return { from: from - shift, to: to - shift };
}

/** With the neighbours that it continues. */
function add(stretches: Stretch[], one: Stretch): Stretch[] {
  const before = stretches.find((other) => other.to % WEEK === one.from % WEEK && isShift(other.from, length(other) + length(one)));
  if (before) return add(stretches.filter((other) => other !== before), { from: before.from, to: before.to + length(one) });
  const after = stretches.find((other) => other.from === one.to % WEEK && isShift(one.from, length(one) + length(other)));
  if (after) return add(stretches.filter((other) => other !== after), { from: one.from, to: one.to + length(after) });
  return [...stretches, one];
}

const length = ({ from, to }: Stretch) => to - from;

/** Whether so long a stretch is one shift: within a day, or a night from an afternoon to the next morning. */
function isShift(from: number, minutes: number): boolean {
  const end = (from % DAY) + minutes;
  return end <= DAY || (from % DAY >= DAY / 2 && end <= DAY + DAY / 2);
}

/** The shifts that begin on `day`, on `others` instead of theirs. */
export function copyDay(stretches: Stretch[], day: number, others: readonly number[]): Stretch[] {
  const dayOf = ({ from }: Stretch) => Math.floor(from / DAY);
  const copied = stretches.filter((one) => dayOf(one) === day);
  const kept = stretches.filter((one) => !others.includes(dayOf(one)));
  const shifted = others.flatMap((other) => copied.map(({ from, to }) => ({ from: from + (other - day) * DAY, to: to + (other - day) * DAY })));
  return [...kept, ...shifted];
}

/** The hours of a day in which nobody is on duty, in minutes of the day. */
export function gaps(hours: Pick<Shift, "start" | "end">[]): Stretch[] {
  return without({ from: 0, to: DAY }, hours.map(({ start, end }) => ({ from: minutesOf(start), to: minutesOf(end) })));
}

/** Where the arrow keys lead; null for other keys. `days` are drawn downwards or side by side. */
export function step(key: string, { day, slot }: Cell, daysDown: boolean): Cell | null {
  const [down, across] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[key] ?? [0, 0];
  if (down === 0 && across === 0) return null;
  const [days, slots] = daysDown ? [down, across] : [across, down];
  const within = (at: number, count: number) => Math.max(0, Math.min(count - 1, at));
  return { day: within(day + days!, DAYS.length), slot: within(slot + slots!, SLOTS) };
}

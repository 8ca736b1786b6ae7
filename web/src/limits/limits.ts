import type { components } from "../api/generated";

type View = components["schemas"];
export type Limit = View["LimitView"];
export type LimitRevision = View["LimitRevisionView"];
export type CalendarRevision = View["RevisionView"];

export const LIMITS = ["limits"];
export const PROFILES = ["enterprise", "general"] as const;
export const UNITS = ["min", "h", "d"] as const;

export interface Amount {
  count: number;
  unit: (typeof UNITS)[number];
}

/** "15min" is 15 minutes, "4h" hours, "5d" working days. */
export function amountOf(text: string): Amount {
  const count = Number.parseInt(text, 10);
  const unit = UNITS.find((one) => text === `${count}${one}`);
  if (unit === undefined) throw new Error(`no amount of working time: ${text}`);
  return { count, unit };
}

/** Whether it runs by the clock, around the clock. */
export const isAroundTheClock = (hours: string) => hours === "24x7";

/** What a limit is for: a step, and of which type of case or urgency. */
export interface LimitLine {
  key: string;
  step: Limit["step"];
  /** None: all that have no line of their own. */
  of: { type: Limit["type"]; urgency: Limit["urgency"] };
  by: Partial<Record<Limit["profile"], Limit>>;
}

/** One line a step, type and urgency, with the limit of each profile. */
export function linesOf(limits: readonly Limit[]): LimitLine[] {
  const lines = new Map<string, LimitLine>();
  for (const limit of limits) {
    const key = keyWithin(limit.key);
    const line = lines.get(key) ?? { key, step: limit.step, of: { type: limit.type, urgency: limit.urgency }, by: {} };
    line.by[limit.profile] = limit;
    lines.set(key, line);
  }
  return [...lines.values()];
}

/** `enterprise.close.consult` without its profile. */
function keyWithin(key: string): string {
  return key.slice(key.indexOf(".") + 1);
}

/** The parts of a limit's key, for those that are gone from the list too. */
export function partsOf(key: string): { profile: string; step: string; of: string } {
  const [profile = "", step = "", of = ""] = key.split(".");
  return { profile, step, of };
}

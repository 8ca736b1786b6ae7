const ISO = /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Seconds of an ISO 8601 duration such as PT1M30S; null for what is none. */
export function secondsOf(duration: unknown): number | null {
  if (typeof duration === "number") return duration;
  const found = typeof duration === "string" && duration.length > 2 ? ISO.exec(duration) : null;
  if (!found) return null;
  const [days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0)) as [number, number, number, number];
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

export const durationOf = (seconds: number): string => `PT${seconds}S`;

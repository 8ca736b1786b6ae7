/** Times as people read them, by the hotline's clock. The present moment and the language are handed in. */
import { wallClock } from "./zone";

const two = (n: number) => String(n).padStart(2, "0");

/** 65 → "1:05", 3661 → "1:01:01"; never negative. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = two(whole % 60);
  return h > 0 ? `${h}:${two(m)}:${s}` : `${m}:${s}`;
}

/** A rough length in words for prose and tables: "45 秒", "3 分 20 秒", "3m 20s". */
export function roughly(seconds: number, language: string): string {
  const whole = Math.max(0, Math.round(seconds));
  const zh = language.startsWith("zh");
  const m = Math.floor(whole / 60);
  const s = whole % 60;
  if (m === 0) return zh ? `${s} 秒` : `${s}s`;
  if (m >= 60) return zh ? `${Math.floor(m / 60)} 小时 ${m % 60} 分` : `${Math.floor(m / 60)}h ${m % 60}m`;
  return zh ? `${m} 分${s ? ` ${s} 秒` : ""}` : `${m}m${s ? ` ${s}s` : ""}`;
}

/** Seconds from `since` to `now` (milliseconds of the epoch); 0 when `since` lies ahead or is unreadable. */
export function elapsed(since: string | null, now: number): number {
  const start = since === null ? NaN : Date.parse(since);
  return Number.isNaN(start) ? 0 : Math.max(0, (now - start) / 1000);
}

/** Whole seconds left until `until`, rounded up, never negative. */
export function remaining(until: string | null, now: number): number {
  const end = until === null ? NaN : Date.parse(until);
  return Number.isNaN(end) ? 0 : Math.max(0, Math.ceil((end - now) / 1000));
}

/** "14:03:09" on the same day, "昨天 14:03", else "11-02 14:03", with the year when it is another; by the hotline's clock. */
export function moment(iso: string | null, now: number, language: string): string {
  const at = iso === null ? NaN : Date.parse(iso);
  if (Number.isNaN(at)) return "—";
  const [day = "", clock = ""] = wallClock(at).split("T");
  const [today = ""] = wallClock(now).split("T");
  const days = Math.round((Date.parse(today) - Date.parse(day)) / 86_400_000);
  if (days === 0) return clock;
  const minutes = clock.slice(0, 5);
  if (days === 1) return `${language.startsWith("zh") ? "昨天" : "Yesterday"} ${minutes}`;
  return `${day.slice(0, 4) === today.slice(0, 4) ? day.slice(5) : day} ${minutes}`;
}

/** "2026-11-24 14:03:09" by the hotline's clock, for a tooltip or a detail. */
export function fullMoment(iso: string | null): string {
  const at = iso === null ? NaN : Date.parse(iso);
  return Number.isNaN(at) ? "—" : wallClock(at).replace("T", " ");
}

import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone";
import utc from "dayjs/plugin/utc";

/**
 * The hotline's time zone (`crm.time_zone`): every date and time of the office is read and written in it, wherever the
 * browser is. Set once, before anything is drawn; until then, and on the page for calls, it is the browser's own.
 */
let zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
let format = formatOf(zone);

dayjs.extend(utc);
dayjs.extend(timezone);

export function setZone(name: string): void {
  zone = name;
  format = formatOf(name);
  // The pickers' "now" and "today" follow it.
  dayjs.tz.setDefault(name);
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-US-u-ca-gregory", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

/** "2026-11-25T14:03:09", what the hotline's clock shows at `at`. */
export function wallClock(at: number): string {
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const { year = "", month, day, hour, minute, second } = parts;
  return `${year.padStart(4, "0")}-${month}-${day}T${hour}:${minute}:${second}`;
}

/** The moment, in milliseconds of the epoch, at which the hotline's clock shows `wall` ("2026-11-25T14:03:09"). */
export function instantOf(wall: string): number {
  const shown = Date.parse(`${wall}Z`);
  const offset = (at: number) => Date.parse(`${wallClock(at)}Z`) - at;
  return shown - offset(shown - offset(shown));
}

/** Whether `text` is a day that exists ("2026-02-29" does not), of a time in which there are telephones. */
export function isDay(text: string): boolean {
  if (!/^(19|20)\d\d-\d\d-\d\d$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** The first moment of `day` ("2026-11-25") by the hotline's calendar, or of the day `later` days after it. */
export function startOfDay(day: string, later = 0): Date {
  const shifted = new Date(Date.parse(`${day}T00:00:00Z`) + later * 86_400_000).toISOString().slice(0, 10);
  return new Date(instantOf(`${shifted}T00:00:00`));
}

import { wallClock } from "../ui/zone";

/** What a caller typed, and what went wrong with it. Pure. */
export type ProgressFailure = "notFound" | "malformed" | "tooMany" | "unavailable";

/** The digits of a text, full-width ones too: numbers are pasted with spaces and dashes. */
export function digitsOf(text: string): string {
  return text.normalize("NFKC").replace(/\D/g, "").slice(0, 15);
}

export function failureOf(status: number): ProgressFailure {
  if (status === 404) return "notFound";
  if (status === 422) return "malformed";
  return status === 429 ? "tooMany" : "unavailable";
}

/** The day of a moment, by the hotline's clock. */
export function dateOf(at: string, language: string): string {
  const day = Date.parse(wallClock(Date.parse(at)).slice(0, 10));
  return new Intl.DateTimeFormat(language, { timeZone: "UTC", year: "numeric", month: "long", day: "numeric" }).format(day);
}

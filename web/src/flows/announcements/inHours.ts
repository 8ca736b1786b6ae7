/** The moment so many hours from now, as the service reads it. */
export function inHours(hours: number, now = Date.now()): string {
  return new Date(now + hours * 3_600_000).toISOString();
}

const FIRST_MS = 500;
const MOST_MS = 15_000;

/** How long to wait before try number `attempt` (from 0): doubling, bounded, spread by `random` in [0, 1). */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling * (0.5 + random / 2));
}

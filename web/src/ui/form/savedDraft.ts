import { forget, recall, remember } from "../storage";

const LIFETIME_MS = 7 * 24 * 3600 * 1000;
const prefix = (name: string) => `hotline.draft.${name}`;

/** What was typed into form `name` and never saved; null where there is nothing, or it is older than a week. */
export function readDraft(name: string, now: number): Record<string, unknown> | null {
  return parseDraft(recall(prefix(name)), now);
}

export function keepDraft(name: string, values: Record<string, unknown>, now: number): void {
  remember(prefix(name), JSON.stringify({ at: now, values }));
}

export function dropDraft(name: string): void {
  forget(prefix(name));
}

export function parseDraft(kept: string | null, now: number): Record<string, unknown> | null {
  if (kept === null) return null;
  try {
    const { at, values } = JSON.parse(kept) as { at?: unknown; values?: unknown };
    if (typeof at !== "number" || now - at > LIFETIME_MS || typeof values !== "object") return null;
    return values as Record<string, unknown> | null;
  } catch {
    return null;
  }
}

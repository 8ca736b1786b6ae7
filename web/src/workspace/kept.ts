import type { Edits } from "./draft";

const PREFIX = "hotline.draft.";
const EXPIRES_MS = 7 * 24 * 3600 * 1000;

export interface Kept<T = Edits> {
  /** The id of the case that will be made, or of the request: what was sent, but not answered, is not done twice. */
  id: string;
  edits: T;
}

const keyOf = (owner: string, slot: string) => `${PREFIX}${owner}.${slot}`;

function read<T>(key: string): (Kept<T> & { at: number }) | null {
  const value = JSON.parse(localStorage.getItem(key) ?? "null") as (Kept<T> & { at: number }) | null;
  return value === null || !(Date.now() - value.at <= EXPIRES_MS) ? null : value;
}

/** What the server did not have when the page went away; each user finds their own alone. Storage that is full or forbidden is no error. */
export function keptOf<T = Edits>(owner: string, slot: string): Kept<T> | null {
  try {
    const value = read<T>(keyOf(owner, slot));
    return value && { id: value.id, edits: value.edits };
  } catch {
    return null;
  }
}

/** Where this user has something that the server has not. */
export function slotsOf(owner: string): string[] {
  const mine = keyOf(owner, "");
  return keys()
    .filter((key) => key.startsWith(mine))
    .map((key) => key.slice(mine.length));
}

/** Whether it was kept. */
export function keep<T = Edits>(owner: string, slot: string, kept: Kept<T>): boolean {
  try {
    localStorage.setItem(keyOf(owner, slot), JSON.stringify({ ...kept, at: Date.now() }));
    return true;
  } catch {
    // A draft the server still gets as soon as the typing pauses.
    return false;
  }
}

export function forget(owner: string, slot: string): void {
  try {
    localStorage.removeItem(keyOf(owner, slot));
  } catch {
    // As above.
  }
}

/** Removes everybody's that is too old to be wanted: whoever wrote it may never come back to this computer. */
export function forgetExpired(): void {
  for (const key of keys()) {
    let kept: Kept<unknown> | null = null;
    try {
      kept = read(key);
    } catch {
      // What cannot be read is of no use to anyone.
    }
    if (kept === null) localStorage.removeItem(key);
  }
}

function keys(): string[] {
  try {
    return Array.from({ length: localStorage.length }, (_, place) => localStorage.key(place) ?? "").filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

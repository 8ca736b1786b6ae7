import type { Edits } from "./draft";

const PREFIX = "hotline.draft.";
const EXPIRES_MS = 7 * 24 * 3600 * 1000;

export interface Kept {
  /** The id the case will have: a creation that was sent, but not answered, is not done twice. */
  id: string;
  edits: Edits;
}

/** What the server did not have when the page went away. Storage that is full or forbidden is no error. */
export function keptOf(slot: string): Kept | null {
  try {
    const value = JSON.parse(localStorage.getItem(PREFIX + slot) ?? "null") as (Kept & { at: number }) | null;
    if (value === null || Date.now() - value.at > EXPIRES_MS) return null;
    return { id: value.id, edits: value.edits };
  } catch {
    return null;
  }
}

export function keep(slot: string, kept: Kept): void {
  try {
    localStorage.setItem(PREFIX + slot, JSON.stringify({ ...kept, at: Date.now() }));
  } catch {
    // The server still gets it as soon as the typing pauses.
  }
}

export function forget(slot: string): void {
  try {
    localStorage.removeItem(PREFIX + slot);
  } catch {
    // As above.
  }
}

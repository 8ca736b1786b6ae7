import type { ContactView, NumberPurpose } from "../api/types";

export const PURPOSES: readonly NumberPurpose[] = ["caller", "callback"];

/** One line of the form: a number that is there already (its id, and how it is shown), or a new one. */
export interface NumberEntry {
  id?: string;
  shown?: string;
  number?: string;
  purpose: NumberPurpose;
}

export function entriesOf(contact: ContactView): NumberEntry[] {
  return contact.numbers.map(({ id, number, purpose }) => ({ id, shown: number, purpose }));
}

/** Whether the lines say something else than `contact` has. */
export function numbersChanged(contact: ContactView, entries: readonly NumberEntry[]): boolean {
  const before = contact.numbers.map(({ id, purpose }) => `${id} ${purpose}`);
  const now = entries.map(({ id, purpose }) => `${id ?? "new"} ${purpose}`);
  return before.join() !== now.join();
}

/** The lines for contact `latest`: somebody may have removed a number that the form still shows, or added one. */
export function mergedNumbers(begun: ContactView, latest: ContactView, entries: readonly NumberEntry[]): NumberEntry[] {
  const before = new Set(begun.numbers.map((number) => number.id));
  const there = new Set(latest.numbers.map((number) => number.id));
  const kept = entries.filter((entry) => entry.id === undefined || there.has(entry.id));
  return [...kept, ...entriesOf(latest).filter((entry) => !before.has(entry.id ?? ""))];
}

import { useEffect } from "react";
import { create } from "zustand";
import type { EntryRow } from "./knowledge";

interface Finder {
  open: boolean;
  /** Takes an entry into the case that is being written; null where there is none. */
  cite: ((entry: EntryRow) => void) | null;
}

export const useFinder = create<Finder>(() => ({ open: false, cite: null }));

export function openFinder(): void {
  useFinder.setState({ open: true });
}

export function closeFinder(): void {
  useFinder.setState({ open: false });
}

/** While this is shown, the finder's entries are cited here. */
export function useCiteHere(cite: (entry: EntryRow) => void): void {
  useEffect(() => {
    useFinder.setState({ cite });
    return () => useFinder.setState((now) => (now.cite === cite ? { cite: null } : now));
  }, [cite]);
}

/** Where a key leads in a list of so many hits; null where the key is not the list's. */
export function hitAfter(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  if (key === "ArrowDown") return Math.min(at + 1, count - 1);
  if (key === "ArrowUp") return Math.max(at - 1, 0);
  return null;
}

/** A specialist's entry tells an agent whom to bring in, not what to say. */
export function isCitable(row: Pick<EntryRow, "scope" | "number">): row is { scope: "public" | "agent"; number: number } {
  return row.scope !== "specialist" && row.number !== null;
}

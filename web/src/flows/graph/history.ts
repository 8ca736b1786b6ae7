/** What was there before each change, and what was taken back. Pure. */
export interface EditHistory<T> {
  past: readonly T[];
  future: readonly T[];
  /** What the last change was to: the next one to the same is the same step. */
  tag: string;
}

export const NO_HISTORY: EditHistory<never> = { past: [], future: [], tag: "" };
const MOST = 100;

/** `before` is what the change began from; changes with one tag, such as the letters of a label, are one step. */
export function changed<T>(history: EditHistory<T>, before: T, tag: string): EditHistory<T> {
  if (tag !== "" && tag === history.tag) return { ...history, future: [] };
  return { past: [...history.past, before].slice(-MOST), future: [], tag };
}

export function undone<T>(history: EditHistory<T>, now: T): { history: EditHistory<T>; shown: T } | null {
  const shown = history.past.at(-1);
  if (shown === undefined) return null;
  return { shown, history: { past: history.past.slice(0, -1), future: [now, ...history.future], tag: "" } };
}

export function redone<T>(history: EditHistory<T>, now: T): { history: EditHistory<T>; shown: T } | null {
  const [shown, ...future] = history.future;
  if (shown === undefined) return null;
  return { shown, history: { past: [...history.past, now], future, tag: "" } };
}

/** Equal as documents: the order of names means nothing. */
export function sameDocument(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every(
      (name) => name in other && sameDocument((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]),
    )
  );
}

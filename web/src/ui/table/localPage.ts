import type { Page } from "../../api/types";

interface Rules<T> {
  /** The words of a row that a search looks through. */
  words: (row: T) => string[];
  sorts?: Record<string, (row: T) => string | number>;
}

/** One page of a list that the service gives whole (agents, units): searched and sorted here, by the same address. */
export function localPage<T>(rows: readonly T[], query: Record<string, string | number>, { words, sorts = {} }: Rules<T>): Page<T> {
  const wanted = String(query.search ?? "").trim().toLocaleLowerCase();
  const found = rows.filter((row) => wanted === "" || words(row).some((word) => word.toLocaleLowerCase().includes(wanted)));
  const sort = String(query.sort ?? "");
  const by = sorts[sort.replace(/^-/, "")];
  if (by) {
    const way = sort.startsWith("-") ? -1 : 1;
    found.sort((a, b) => way * compare(by(a), by(b)));
  }
  return { items: found, next: null, total: found.length };
}

function compare(a: string | number, b: string | number): number {
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "zh-CN", { numeric: true });
}

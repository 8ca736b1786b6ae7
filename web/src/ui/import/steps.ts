import type { ImportView } from "../../api/types";

/** What an import's page shows, worked out from what the server says. */

export type Outcome = "create" | "update" | "skip" | "error";

const ORDER: readonly Outcome[] = ["error", "create", "update", "skip"];

export function isBusy(state: ImportView["state"]): boolean {
  return state === "checking" || state === "applying" || state === "reverting";
}

/** In per cent; of a file that is still being read, nothing is known. */
export function progressOf({ rows_done: done, rows_total: total }: Pick<ImportView, "rows_done" | "rows_total">): number {
  return total ? Math.floor((100 * done) / total) : 0;
}

/** How many rows ended how, the worst first, without those that are none. */
export function countsOf(counts: Record<string, number>): [Outcome, number][] {
  return ORDER.map((outcome): [Outcome, number] => [outcome, counts[outcome] ?? 0]).filter(([, count]) => count > 0);
}

/** What needs a look first. */
export function worst(counts: Record<string, number>): Outcome {
  return countsOf(counts)[0]?.[0] ?? "error";
}

/** How many rows would change something. */
export function writes(counts: Record<string, number>): number {
  return (counts.create ?? 0) + (counts.update ?? 0);
}

type Column = ImportView["columns"][number];

export function columnName(column: Column, language: string): string {
  return column.names[language.startsWith("zh") ? 0 : 1] ?? column.key;
}

/** A column the file must have that is not assigned yet. */
export function missingColumn(columns: readonly Column[], mapping: Record<string, number>): Column | undefined {
  return columns.find((column) => column.required && mapping[column.key] === undefined);
}

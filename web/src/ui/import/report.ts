/** What an import did, row by row; every import route answers in this form. */

export type RowOutcome = "created" | "updated" | "unchanged" | "skipped" | "failed";

export interface ImportRow {
  /** In the file, the header being 1. */
  line: number;
  outcome: RowOutcome;
  /** What the row is about, as a person would call it. */
  subject: string;
  /** What is wrong or noteworthy, and how to mend it. */
  message: string;
}

export interface ImportReport {
  rows: ImportRow[];
}

const ORDER: readonly RowOutcome[] = ["failed", "skipped", "created", "updated", "unchanged"];

/** How many rows ended how, the worst first, without those that are none. */
export function countRows(rows: readonly ImportRow[]): [RowOutcome, number][] {
  return ORDER.map((outcome): [RowOutcome, number] => [outcome, rows.filter((row) => row.outcome === outcome).length]).filter(
    ([, count]) => count > 0,
  );
}

/** What needs a hand first. */
export function sortRows(rows: readonly ImportRow[]): ImportRow[] {
  return [...rows].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome) || a.line - b.line);
}

/** The report as a CSV file for a spreadsheet: quoted, and no cell a formula. */
export function reportCsv(rows: readonly ImportRow[], header: readonly string[]): string {
  const cell = (value: string | number) => {
    const text = String(value);
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return `"${safe.replaceAll('"', '""')}"`;
  };
  const lines = rows.map((row) => [row.line, row.outcome, row.subject, row.message].map(cell).join(","));
  return `\uFEFF${[header.map(cell).join(","), ...lines].join("\r\n")}\r\n`;
}

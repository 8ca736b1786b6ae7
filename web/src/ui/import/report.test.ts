import { expect, it } from "vitest";
import { countRows, type ImportRow, reportCsv, sortRows } from "./report";

const ROWS: ImportRow[] = [
  { line: 2, outcome: "created", subject: "乌海甲公司", message: "" },
  { line: 3, outcome: "failed", subject: "=HYPERLINK(1)", message: 'Write "18" digits' },
  { line: 4, outcome: "created", subject: "乙", message: "" },
];

it("counts the rows, what failed first", () => {
  expect(countRows(ROWS)).toEqual([
    ["failed", 1],
    ["created", 2],
  ]);
  expect(sortRows(ROWS).map((row) => row.line)).toEqual([3, 2, 4]);
});

it("writes a report that no spreadsheet runs", () => {
  const csv = reportCsv([ROWS[1]!], ["line", "outcome", "subject", "message"]);
  expect(csv).toBe('\uFEFF"line","outcome","subject","message"\r\n"3","failed","\'=HYPERLINK(1)","Write ""18"" digits"\r\n');
});

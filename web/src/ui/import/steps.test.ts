import { expect, it } from "vitest";
import { columnName, countsOf, isBusy, missingColumn, progressOf, worst, writes } from "./steps";

it("counts the rows, what failed first", () => {
  expect(countsOf({ create: 2, error: 1, skip: 0 })).toEqual([
    ["error", 1],
    ["create", 2],
  ]);
  expect(worst({ create: 2, update: 1 })).toBe("create");
  expect(writes({ create: 2, update: 1, error: 4 })).toBe(3);
});

it("knows how far it is, and that a file being read tells nothing", () => {
  expect(progressOf({ rows_done: 5, rows_total: null })).toBe(0);
  expect(progressOf({ rows_done: 999, rows_total: 1000 })).toBe(99);
  expect(isBusy("checking") && isBusy("applying") && isBusy("reverting")).toBe(true);
  expect(isBusy("checked")).toBe(false);
});

it("names columns in the reader's language and asks for those that must be there", () => {
  const columns = [
    { key: "name", names: ["企业名称", "Name"], required: true },
    { key: "size", names: ["规模", "Size"], required: false },
  ];
  expect(columnName(columns[0]!, "zh-CN")).toBe("企业名称");
  expect(columnName(columns[1]!, "en")).toBe("Size");
  expect(missingColumn(columns, { size: 1 })?.key).toBe("name");
  expect(missingColumn(columns, { name: 0 })).toBeUndefined();
});

import { expect, it } from "vitest";
import { localPage } from "./localPage";

const ROWS = [
  { name: "市场监督管理局", size: 10 },
  { name: "Tax bureau", size: 9 },
];
const RULES = { words: (row: (typeof ROWS)[0]) => [row.name], sorts: { size: (row: (typeof ROWS)[0]) => row.size } };

it("searches and sorts as the address asks", () => {
  expect(localPage(ROWS, { search: "TAX" }, RULES).items.map((row) => row.size)).toEqual([9]);
  expect(localPage(ROWS, { sort: "size" }, RULES).items.map((row) => row.size)).toEqual([9, 10]);
  expect(localPage(ROWS, { sort: "-size" }, RULES).total).toBe(2);
  expect(localPage(ROWS, { search: "nobody" }, RULES)).toEqual({ items: [], next: null, total: 0 });
});

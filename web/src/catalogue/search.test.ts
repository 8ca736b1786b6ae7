import { expect, it } from "vitest";
import type { CatalogueItem } from "./catalogue";
import { withAncestors } from "./search";

const item = (id: string, parent_id: string | null, name: string, keywords: string[] = []): CatalogueItem => ({
  id, parent_id, name, code: id, keywords, level: 1, unit: null, handled_by: null, limit: null, limit_applied: null, active: true, version: 1,
});
const ITEMS = [item("01", null, "登记"), item("0101", "01", "设立", ["开公司"]), item("0102", "01", "注销"), item("02", null, "税费")];

it("shows what matches with what stands above it", () => {
  expect(withAncestors(ITEMS, "开公司").map((one) => one.id)).toEqual(["01", "0101"]);
  expect(withAncestors(ITEMS, "02").map((one) => one.id)).toEqual(["01", "0102", "02"]);
  expect(withAncestors(ITEMS, " ")).toHaveLength(4);
  expect(withAncestors(ITEMS, "没有")).toEqual([]);
});

import { describe, expect, it } from "vitest";
import { isDay } from "../zone";
import { changeAddress, oneOf, queryOfAddress, readAddress } from "./address";
import { hiddenOf, rowAfterKey, toggleColumn } from "./columns";

const SPEC = { filters: ["search", "state"], sorts: ["name", "created"] };

describe("a list's address", () => {
  it("is read with what the list knows alone", () => {
    const read = readAddress(new URLSearchParams("search=王&other=1&sort=-created&cursor=abc"), SPEC);
    expect(read).toEqual({ filters: { search: "王" }, sort: "-created", cursor: "abc" });
    expect(readAddress(new URLSearchParams("sort=password"), SPEC).sort).toBe("");
  });

  it("counts a value that a filter does not take as none", () => {
    const spec = { filters: ["from", "kind", "search"], accepts: { from: isDay, kind: oneOf(["a", "b"]) } };
    const read = (address: string) => readAddress(new URLSearchParams(address), spec).filters;
    expect(read("from=yesterday&kind=c&search=%00x%1F")).toEqual({ search: "x" });
    expect(read("from=2026-02-29&kind=b")).toEqual({ kind: "b" });
    expect(read("from=2026-02-28&kind=a")).toEqual({ from: "2026-02-28", kind: "a" });
  });

  it("begins at the first page after another filter or sorting, and keeps what others wrote there", () => {
    const before = new URLSearchParams("search=a&state=open&cursor=abc&tab=2");
    expect(changeAddress(before, { filters: { search: "" } }).toString()).toBe("state=open&tab=2");
    expect(changeAddress(before, { sort: "name" }).get("cursor")).toBeNull();
    expect(changeAddress(before, { cursor: "next" }).get("search")).toBe("a");
  });

  it("asks the service for nothing that is empty", () => {
    expect(queryOfAddress({ filters: {}, sort: "", cursor: "" }, 50)).toEqual({ limit: 50 });
    expect(queryOfAddress({ filters: { state: "open" }, sort: "-name", cursor: "c" }, 20)).toEqual({
      limit: 20,
      state: "open",
      sort: "-name",
      cursor: "c",
    });
  });
});

describe("columns", () => {
  it("that are put away stay away, those that are gone are forgotten", () => {
    const columns = [{ key: "a" }, { key: "b", extra: true }];
    expect(hiddenOf("a,gone", columns)).toEqual(["a"]);
    expect(hiddenOf(null, columns)).toEqual(["b"]);
  });

  it("come and go, but for the last", () => {
    expect(toggleColumn([], "a", ["a", "b"])).toEqual(["a"]);
    expect(toggleColumn(["a"], "a", ["a", "b"])).toEqual([]);
    expect(toggleColumn(["a"], "b", ["a", "b"])).toEqual(["a"]);
  });
});

it("moves through the rows without leaving them", () => {
  expect(rowAfterKey("ArrowDown", -1, 3)).toBe(0);
  expect(rowAfterKey("ArrowDown", 2, 3)).toBe(2);
  expect(rowAfterKey("ArrowUp", 0, 3)).toBe(0);
  expect(rowAfterKey("End", 0, 3)).toBe(2);
  expect(rowAfterKey("ArrowUp", 0, 0)).toBe(-1);
});

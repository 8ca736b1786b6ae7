import { describe, expect, it } from "vitest";
import { startOfDay } from "../ui/zone";
import { asked, countText, firstList, type WorkListCount } from "./workLists";

const list = (name: WorkListCount["name"], count: number | null, more = false): WorkListCount => ({ name, count, more, pool: false });

describe("work lists", () => {
  it("begin with the first that holds something", () => {
    expect(firstList([list("to_review", 0), list("to_dispatch", 2), list("all", null)])).toBe("to_dispatch");
    expect(firstList([list("to_review", 0), list("all", null)])).toBe("to_review");
    expect(firstList([])).toBeUndefined();
  });

  it("say that there are more than are counted", () => {
    expect(countText(list("overdue", 1000, true))).toBe("1000+");
    expect(countText(list("all", null))).toBe("");
  });

  it("ask for days as moments, the last day included", () => {
    expect(asked({ from: "2026-03-02", to: "2026-03-02", type: "help" })).toEqual({
      type: "help",
      created_since: startOfDay("2026-03-02").toISOString(),
      created_before: startOfDay("2026-03-03").toISOString(),
    });
  });
});

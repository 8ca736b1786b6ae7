import { describe, expect, it } from "vitest";
import { amountOf, type Limit, linesOf, partsOf } from "./limits";

const limit = (key: string, of: Partial<Limit> = {}) => {
  const { profile, step } = partsOf(key);
  return { key, profile, step, type: null, urgency: null, ...of } as Limit;
};

describe("limits", () => {
  it("reads amounts", () => {
    expect(amountOf("15min")).toEqual({ count: 15, unit: "min" });
    expect(amountOf("4h")).toEqual({ count: 4, unit: "h" });
    expect(amountOf("5d")).toEqual({ count: 5, unit: "d" });
    expect(() => amountOf("5w")).toThrow("5w");
  });

  it("puts the profiles of one step beside each other", () => {
    const lines = linesOf([
      limit("enterprise.close.consult", { type: "consult" }),
      limit("enterprise.interim.help", { type: "help" }),
      limit("general.close.consult", { type: "consult" }),
    ]);
    expect(lines.map(({ key, by }) => [key, Object.keys(by)])).toEqual([
      ["close.consult", ["enterprise", "general"]],
      ["interim.help", ["enterprise"]],
    ]);
  });
});

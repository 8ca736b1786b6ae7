import { afterEach, describe, expect, it } from "vitest";
import { setZone } from "../ui/zone";
import { isLate, pageOfSubject, type SupervisionTask, usualDue } from "./supervision";

const task = (state: SupervisionTask["state"]) => ({ state, due_at: "2026-11-30T09:30:00Z" }) as SupervisionTask;
const DUE = Date.parse("2026-11-30T09:30:00Z");

afterEach(() => setZone("UTC"));

describe("supervision", () => {
  it("calls a task late past its time until it is done", () => {
    expect(isLate(task("issued"), DUE)).toBe(false);
    expect(isLate(task("issued"), DUE + 1)).toBe(true);
    expect(isLate(task("reviewed"), DUE + 1)).toBe(true);
    expect(isLate(task("done"), DUE + 1)).toBe(false);
  });

  it("leads to what the unit is held to", () => {
    expect(pageOfSubject({ case_number: "20261130-0001", entry_id: null })).toBe("/cases/20261130-0001");
    expect(pageOfSubject({ case_number: null, entry_id: "e" })).toBe("/knowledge/e");
  });

  it("proposes the afternoon in two days", () => {
    setZone("Asia/Shanghai");
    expect(usualDue(Date.parse("2026-11-30T16:30:00Z"))).toBe("2026-12-03T09:30:00.000Z");
  });
});

import { expect, it } from "vitest";
import { actionKeys, auditQuery, detailLines, exportQuery, targetPage } from "./audit";

it("says what changed, from what to what", () => {
  expect(detailLines({ before: ["agent"], after: ["agent", "qa"] })).toEqual(["agent → agent, qa"]);
  expect(detailLines({ unit_id: "u1", before: { name: "甲" }, after: { name: "乙", on_duty: true } })).toEqual([
    "name: 甲 → 乙",
    "on_duty: — → true",
    "unit_id: u1",
  ]);
  expect(detailLines({ username: "agent1" })).toEqual(["username: agent1"]);
  expect(detailLines({})).toEqual([]);
});

it("leads to the page of the subject where there is one", () => {
  expect(targetPage("user.set_roles", "42")).toBe("/admin/users/42");
  expect(targetPage("agent.create", "1001")).toBe("/admin/agents/1001");
  expect(targetPage("retention.removed", "x")).toBeNull();
  expect(targetPage("user.create", "")).toBeNull();
});

it("includes the last day", () => {
  const query = auditQuery({ limit: 50, from: "2026-11-01", to: "2026-11-01" });
  expect(Date.parse(String(query.to)) - Date.parse(String(query.from))).toBe(24 * 3600 * 1000);
  expect(query.limit).toBe(50);
});

it("exports what the list shows", () => {
  expect(exportQuery({ username: "", action: "user.create", from: "2026-11-01" })).toEqual({
    action: "user.create",
    from: auditQuery({ from: "2026-11-01" }).from,
  });
});

it("names a move of a case as the case page does", () => {
  expect(actionKeys("user.set_roles")).toEqual(["action.user_set_roles"]);
  expect(actionKeys("case.ask_info")).toEqual(["action.case_ask_info", "casePage.action.ask_info"]);
});

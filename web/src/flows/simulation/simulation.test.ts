import { beforeAll, expect, it, vi } from "vitest";
import type * as Simulation from "./simulation";
import type { SimulatedCall } from "./simulation";

let simulation: typeof Simulation;
beforeAll(async () => {
  vi.stubGlobal("window", { location: { origin: "http://localhost" } });
  simulation = await import("./simulation");
});

const step = (node: string, outcome: string, next: string, flow = "") => ({
  node,
  label: "",
  action: "menu",
  at: 0,
  language: "zh",
  heard: [],
  keys: "",
  outcome,
  next,
  flow,
});
const CALL: SimulatedCall = {
  steps: [step("menu", "1", "other"), step("menu", "2", "end", "inner"), step("other", "", "", "")],
  stays: [{ queue: "public", node: "other", at: 1, outcome: "answered", waited: 5, talked: 60, priority: 0 }],
  dials: [],
  failures: [],
  seconds: 65,
  ended_by: "flow",
  person_at: 6,
};

it("reads answers as the command line does", () => {
  expect(simulation.answersOf("1, -， 0 h")).toEqual(["1", "", "0", "hang up"]);
  expect(simulation.isAnswers("1, 12#, -, h")).toBe(true);
  expect(simulation.isAnswers("1, x")).toBe(false);
});

it("lights the way of the call, without what a subflow did", () => {
  expect(simulation.marksOf(CALL)).toEqual({
    nodes: { menu: { tone: "path" }, other: { tone: "path" } },
    edges: { "menu.1": { tone: "path" } },
  });
});

it("keeps a call as a test case, in place of one of the same name", () => {
  const kept = simulation.withTest({ tests: [{ name: "a" }, { name: "b" }] }, "a", { answers: [] }, CALL);
  expect(kept.tests).toEqual([
    { name: "b" },
    { name: "a", caller: { answers: [] }, expect: { passes: ["menu", "other"], ends_in: "other", queue: "public", ended_by: "flow" } },
  ]);
});

it("says times in minutes and seconds", () => {
  expect([0, 5.9, 65, 3600].map(simulation.clockOf)).toEqual(["0:00", "0:05", "1:05", "60:00"]);
});

import { expect, it } from "vitest";
import type { CallView, ThreewayView } from "../api/types";
import { callerWaits, inThreeway } from "./threeway";

const call = (state?: ThreewayView["state"]) => ({ threeway: state ? { state } : null }) as CallView;

it("leaves hold and hang-up to the agent again once the three-way call is over", () => {
  expect(inThreeway(call("consulting"))).toBe(true);
  expect(inThreeway(call("merged"))).toBe(true);
  expect(inThreeway(call("ended"))).toBe(false);
  expect(inThreeway(call())).toBe(false);
  expect(inThreeway(null)).toBe(false);
});

it("asks before a hang-up only where the caller waits for this agent alone", () => {
  expect(callerWaits(call("consulting"))).toBe(true);
  expect(callerWaits(call("consult_ringing"))).toBe(true);
  expect(callerWaits(call("merged"))).toBe(false);
  expect(callerWaits(call("without_caller"))).toBe(false);
  expect(callerWaits(call())).toBe(false);
});

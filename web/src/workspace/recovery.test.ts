import { describe, expect, it } from "vitest";
import type { AgentView, CallView } from "../api/types";
import { SILENT } from "../phone/machine";
import { recovery } from "./recovery";

const agent = { phone: "browser", state: "talking" } as AgentView;
const call = { call_id: "c1", state: "talking" } as CallView;
const registered = { ...SILENT, registration: "registered" as const };
const reloaded = { link: "open" as const, agent, call, phone: registered };

describe("a call found after a reload", () => {
  it("is asked back once the phone is registered", () => {
    expect(recovery(reloaded)).toBe("reconnect");
    expect(recovery({ ...reloaded, phone: { ...SILENT, registration: "connecting" } })).toBe("wait");
    expect(recovery({ ...reloaded, call: { ...call, state: "held" } })).toBe("reconnect");
  });

  it("is left alone while it rings, wraps up, or is on a desk phone", () => {
    expect(recovery({ ...reloaded, call: { ...call, state: "ringing" } })).toBe("none");
    expect(recovery({ ...reloaded, call: { ...call, state: "wrap_up" } })).toBe("none");
    expect(recovery({ ...reloaded, agent: { ...agent, phone: "desk_phone" } })).toBe("none");
    expect(recovery({ ...reloaded, call: null })).toBe("none");
  });

  it("is not asked back by the page that has just hung it up", () => {
    expect(recovery({ ...reloaded, phone: { ...registered, talks: 1 } })).toBe("none");
    expect(recovery({ ...reloaded, phone: { ...registered, leg: "talking" } })).toBe("none");
  });

  it("waits for the service to be heard", () => {
    expect(recovery({ ...reloaded, link: "lost" })).toBe("wait");
    expect(recovery({ ...reloaded, link: "connecting" })).toBe("none");
    expect(recovery({ ...reloaded, link: "refused" })).toBe("none");
  });
});

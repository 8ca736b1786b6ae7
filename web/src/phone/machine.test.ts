import { describe, expect, it } from "vitest";
import { type LegEvent, type PhoneState, reducePhone, SILENT, TRANSITIONS } from "./machine";

const after = (...events: LegEvent[]): PhoneState =>
  events.reduce((s, event, i) => reducePhone(s, { kind: "leg", event, at: 1000 * (i + 1), remote: "13900000000" }), SILENT);

describe("a softphone's leg", () => {
  it("rings, is picked up, talks, and closes", () => {
    const talking = after("rang", "picked_up", "connected");
    expect(talking).toMatchObject({ leg: "talking", connectedAt: 3000, talks: 1, remote: "13900000000" });
    expect(reducePhone(talking, { kind: "leg", event: "closed", at: 9 })).toMatchObject({ leg: "none", remote: "", talks: 1 });
  });

  it("can always be closed, from wherever a leg stands", () => {
    for (const [status, row] of Object.entries(TRANSITIONS)) {
      if (status !== "none") expect(row.closed).toBe("none");
    }
  });

  it("ignores what comes too late", () => {
    expect(after("closed")).toBe(SILENT);
    expect(after("rang", "picked_up", "connected", "rang").leg).toBe("talking");
    expect(after("connected").talks).toBe(0);
  });

  it("starts each call unmuted, off hold and without the last trouble", () => {
    let state = after("rang", "picked_up", "connected");
    state = reducePhone(state, { kind: "muted", on: true });
    state = reducePhone(state, { kind: "held", on: true, trouble: null });
    state = reducePhone(state, { kind: "trouble", trouble: "media_failed" });
    state = reducePhone(state, { kind: "leg", event: "closed", at: 1 });
    expect(state.trouble).toBe("media_failed");
    expect(reducePhone(state, { kind: "leg", event: "rang", at: 1 })).toMatchObject({ muted: false, held: false, trouble: null });
  });

  it("is held once the other side has agreed, and as it was where that failed", () => {
    const asked = reducePhone({ ...after("rang", "picked_up", "connected"), trouble: "hold_failed" }, { kind: "hold_requested" });
    expect(asked).toMatchObject({ held: false, holdPending: true, trouble: null });
    expect(reducePhone(asked, { kind: "held", on: true, trouble: null })).toMatchObject({ held: true, holdPending: false });
    const failed = reducePhone(asked, { kind: "held", on: false, trouble: "hold_failed" });
    expect(failed).toMatchObject({ leg: "talking", held: false, holdPending: false, trouble: "hold_failed" });
  });

  it("holds only a call that talks", () => {
    expect(reducePhone(after("rang"), { kind: "held", on: true, trouble: null }).held).toBe(false);
    expect(reducePhone(SILENT, { kind: "muted", on: true }).muted).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import type { AgentView, CallView, ScreenPop } from "../api/types";
import { readMessage, type ServerMessage } from "./messages";
import { type WorkspaceState, missed, reduce, START } from "./state";

const agent = (state: AgentView["state"]): AgentView => ({
  number: "1001",
  name: "王芳",
  state,
  since: "2026-11-24T02:00:00Z",
  pause_reason: null,
  wanted: "ready",
  phone: "browser",
  phone_registered: true,
  why_not_ready: [],
  wrap_up_until: null,
  queues: ["enterprise"],
});

const call = { call_id: "c1", state: "ringing" } as CallView;

const pop = (call_id: string, name = "") => ({ call_id, enterprise: { name } }) as ScreenPop;
const away = { error_id: "service.unavailable", title: "", detail: "" };

const snapshot = (seq: number, boot = "b1", shown: ScreenPop | null = null): ServerMessage => ({
  type: "snapshot",
  seq,
  boot,
  server_time: "2026-11-24T02:00:10Z",
  agent: agent("ready"),
  call: null,
  pop: shown,
  queues: [],
});

const now = Date.parse("2026-11-24T02:00:00Z");
const told = (state: WorkspaceState, message: ServerMessage) => reduce(state, { kind: "message", message, now });

describe("the workspace's picture", () => {
  it("counts as open only with the snapshot, and learns the service's clock", () => {
    const opened = reduce(START, { kind: "opened" });
    expect(opened.link).toBe("connecting");
    const ready = told(opened, snapshot(5));
    expect(ready.link).toBe("open");
    expect(ready.clockOffset).toBe(10_000);
  });

  it("ignores what comes before the snapshot", () => {
    expect(told(START, { type: "call", seq: 9, call })).toBe(START);
  });

  it("applies newer messages and drops old and repeated ones", () => {
    let state = told(START, snapshot(5));
    state = told(state, { type: "call", seq: 6, call });
    expect(state.call?.call_id).toBe("c1");
    expect(told(state, { type: "call", seq: 6, call: null })).toBe(state);
    expect(told(state, { type: "agent", seq: 4, agent: agent("paused") })).toBe(state);
  });

  it("notices a gap in the numbers once, and takes what came after it", () => {
    const state = told(START, snapshot(5));
    expect(missed(START, { type: "call", seq: 9, call })).toBe(false);
    expect(missed(state, { type: "other", seq: 6 })).toBe(false);
    const late: ServerMessage = { type: "call", seq: 7, call };
    expect(missed(state, late)).toBe(true);
    expect(missed(told(state, { type: "other", seq: 6 }), late)).toBe(false);
    const after = told(state, late);
    expect(after.call?.call_id).toBe("c1");
    expect(missed(after, { type: "call", seq: 8, call: null })).toBe(false);
    expect(missed(reduce(state, { kind: "closed" }), late)).toBe(false);
  });

  it("keeps showing the last picture while the link is away, but takes nothing in", () => {
    const state = reduce(told(START, snapshot(5)), { kind: "closed" });
    expect(state.link).toBe("lost");
    expect(state.agent?.number).toBe("1001");
    expect(told(state, { type: "call", seq: 8, call }).call).toBeNull();
  });

  it("takes a snapshot with a lower sequence after a restart, and says that it was one", () => {
    const before = told(told(START, snapshot(50)), { type: "call", seq: 51, call });
    const after = told(reduce(before, { kind: "closed" }), snapshot(2, "b2"));
    expect(after).toMatchObject({ seq: 2, boot: "b2", call: null, restarts: 1, link: "open" });
    expect(told(after, snapshot(3, "b2")).restarts).toBe(1);
  });
});

describe("the screen pop", () => {
  const ringing = told(told(START, snapshot(5)), { type: "call", seq: 6, call });

  it("comes behind the ring, and is replaced by what is read again", () => {
    const shown = told(ringing, { type: "pop", seq: 7, call_id: "c1", pop: pop("c1", "before"), error: null });
    expect(shown.popped).toMatchObject({ call_id: "c1", pop: { enterprise: { name: "before" } } });
    expect(told(shown, snapshot(8, "b1", pop("c1", "after"))).popped?.pop?.enterprise?.name).toBe("after");
  });

  it("is in the snapshot after a reload", () => {
    expect(told(START, snapshot(1, "b1", pop("c1"))).popped?.call_id).toBe("c1");
  });

  it("shows why there is none, until there is one", () => {
    const failed = told(ringing, { type: "pop", seq: 7, call_id: "c1", pop: null, error: away });
    expect(failed.popped?.error).toBe(away);
    expect(told(failed, { type: "pop", seq: 8, call_id: "c1", pop: pop("c1"), error: null }).popped?.error).toBeNull();
  });

  it("stays where it cannot be read again, but not for another call", () => {
    const shown = told(ringing, { type: "pop", seq: 7, call_id: "c1", pop: pop("c1"), error: null });
    expect(told(shown, { type: "pop", seq: 8, call_id: "c1", pop: null, error: away }).popped).toBe(shown.popped);
    expect(told(shown, snapshot(8)).popped).toBe(shown.popped);
    expect(told(shown, { type: "pop", seq: 8, call_id: "c2", pop: null, error: away }).popped?.call_id).toBe("c2");
  });
});

describe("frames", () => {
  it("are read, counted where this page has no use for them, or ignored", () => {
    expect(readMessage('{"type":"call","seq":1,"call":null}')).toEqual({ type: "call", seq: 1, call: null });
    expect(readMessage('{"type":"weather","seq":4,"sky":"blue"}')).toEqual({ type: "other", seq: 4 });
    expect(readMessage('{"type":"weather"}')).toBeNull();
    expect(readMessage("{")).toBeNull();
    expect(readMessage("null")).toBeNull();
  });
});

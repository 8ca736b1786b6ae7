import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { draftsBelongTo, dropDrafts, keeperOf, saveDrafts } from "./keepers";
import { BLANK } from "./draft";

vi.hoisted(() => vi.stubGlobal("window", { location: { origin: "http://workspace" } }));

class Storage {
  private readonly held = new Map<string, string>();
  get length() {
    return this.held.size;
  }
  key = (place: number) => [...this.held.keys()][place] ?? null;
  getItem = (key: string) => this.held.get(key) ?? null;
  setItem = (key: string, value: string) => void this.held.set(key, value);
  removeItem = (key: string) => void this.held.delete(key);
}

const subject = { slot: "call:c1", callId: "c1", caseId: null };
let storage: Storage;
let away: boolean;
/** What the server answers instead, where it is there and will not. */
let refusal: number | null;
let asked: number;

beforeEach(() => {
  vi.useFakeTimers();
  storage = new Storage();
  away = false;
  refusal = null;
  asked = 0;
  vi.stubGlobal("localStorage", storage);
  vi.stubGlobal("fetch", async (request: Request) => {
    asked += 1;
    if (away) throw new TypeError("away");
    if (refusal !== null) return new Response(JSON.stringify({ status: refusal, error_id: "x", title: "" }), { status: refusal, headers: { "Content-Type": "application/problem+json" } });
    const body = request.method === "GET" ? { items: [], next: null, total: null } : { ...BLANK, ...((await request.json()) as object), version: 1 };
    return new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } });
  });
  draftsBelongTo("u1");
});

afterEach(() => {
  dropDrafts();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function type(title: string) {
  const keeper = keeperOf(subject);
  keeper.start();
  await vi.advanceTimersByTimeAsync(10);
  keeper.edit({ title });
  return keeper;
}

describe("drafts on a computer that several use", () => {
  it("are found again by whoever wrote them, and by nobody else", async () => {
    away = true;
    await type("办照");
    draftsBelongTo("u2");
    expect(keeperOf(subject).draft.edits).toEqual({});
    draftsBelongTo("u1");
    expect(keeperOf(subject).draft.edits).toEqual({ title: "办照" });
  });

  it("are saved before their user leaves, and then gone from here", async () => {
    const keeper = await type("办照");
    const left = saveDrafts();
    await vi.advanceTimersByTimeAsync(10);
    expect(await left).toBe(0);
    expect(keeper.draft.base?.title).toBe("办照");
    expect(storage.length).toBe(0);
  });

  it("are counted where the server cannot have them, and go only when they are dropped", async () => {
    await type("办照");
    away = true;
    const left = saveDrafts();
    await vi.advanceTimersByTimeAsync(10);
    expect(await left).toBe(1);
    expect(storage.length).toBe(1);
    dropDrafts();
    expect(storage.length).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(storage.length).toBe(0);
  });

  it("that are too old are removed, whoever wrote them", () => {
    storage.setItem("hotline.draft.u9.call:c9", JSON.stringify({ id: "x", edits: { title: "旧" }, at: Date.now() - 8 * 24 * 3600 * 1000 }));
    storage.setItem("hotline.draft.u9.call:c8", JSON.stringify({ id: "x", edits: { title: "新" }, at: Date.now() }));
    draftsBelongTo("u2");
    expect(storage.length).toBe(1);
  });
});

describe("a case that could not be loaded", () => {
  it("is asked for again by itself, less and less often, and what was typed is saved then", async () => {
    away = true;
    const keeper = await type("办照");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(keeper.loadError).not.toBeNull();
    expect(asked).toBeGreaterThan(4);
    expect(asked).toBeLessThan(16);
    away = false;
    await vi.advanceTimersByTimeAsync(16_000);
    expect(keeper.loadError).toBeNull();
    expect(keeper.draft.base?.title).toBe("办照");
    expect(storage.length).toBe(0);
  });

  it("is asked for before its user leaves", async () => {
    away = true;
    await type("办照");
    away = false;
    const left = saveDrafts();
    await vi.advanceTimersByTimeAsync(10);
    expect(await left).toBe(0);
  });

  it("is not asked for again and again where the answer is no, but when it is opened again", async () => {
    refusal = 403;
    const keeper = await type("办照");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(1);
    refusal = null;
    keeper.start();
    await vi.advanceTimersByTimeAsync(1000);
    expect(keeper.draft.base?.title).toBe("办照");
  });
});

describe("of many cases that were opened", () => {
  const another = (id: number) => ({ slot: `call:x${id}`, callId: `x${id}`, caseId: null });

  /** Opens and leaves as many others as are kept at the most. */
  async function openMany() {
    for (let id = 0; id < 30; id++) keeperOf(another(id)).start();
    await vi.advanceTimersByTimeAsync(10);
  }

  it("those drawn, not saved or not loaded stay; the rest go, and keep nothing more", async () => {
    const open = async (callId: string) => {
      const keeper = keeperOf({ slot: `call:${callId}`, callId, caseId: null });
      keeper.start();
      await vi.advanceTimersByTimeAsync(10);
      return keeper;
    };
    const left = await open("left");
    const drawn = await open("drawn");
    drawn.subscribe(() => undefined);
    const unsaved = await open("unsaved");
    away = true;
    unsaved.edit({ title: "办照" });
    const unloaded = await open("unloaded");
    await openMany();
    expect([left, drawn, unsaved, unloaded].map((keeper) => keeperOf(keeper.subject) === keeper)).toEqual([false, true, true, true]);
    left.edit({ title: "晚了" });
    expect(storage.getItem("hotline.draft.u1.call:left")).toBeNull();
  });

  it("none is asked for after its user has left", async () => {
    away = true;
    await openMany();
    keeperOf(another(30)).start();
    await vi.advanceTimersByTimeAsync(10);
    dropDrafts();
    asked = 0;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(0);
  });

  it("the one just opened again is not the next to go", async () => {
    await openMany();
    const again = keeperOf(another(0));
    keeperOf(another(30));
    expect(keeperOf(another(0))).toBe(again);
  });
});

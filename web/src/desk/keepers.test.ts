import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { draftsBelongTo, dropDrafts, keeperOf, saveDrafts } from "./keepers";
import { BLANK } from "./draft";

vi.hoisted(() => vi.stubGlobal("window", { location: { origin: "http://desk" } }));

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

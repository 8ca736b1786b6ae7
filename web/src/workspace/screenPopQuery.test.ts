import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CallView, ScreenPop } from "../api/types";
import { screenPopQuery } from "./screenPopQuery";
import { useWorkspace } from "./store";

vi.hoisted(() => vi.stubGlobal("window", { location: { origin: "http://workspace" } }));

const pop = (call_id: string, from: string) => ({ call_id, enterprise: { name: from } }) as unknown as ScreenPop;
const rings = (call_id: string) => useWorkspace.setState({ link: "open", call: { call_id, state: "ringing" } as CallView, popped: null });

let asked: string[];
let client: QueryClient;

beforeEach(() => {
  asked = [];
  client = new QueryClient();
  vi.useFakeTimers();
  vi.stubGlobal("fetch", (request: Request) => {
    const id = request.url.split("/").pop() ?? "";
    asked.push(id);
    return Promise.resolve(new Response(JSON.stringify(pop(id, "asked")), { headers: { "Content-Type": "application/json" } }));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the screen pop", () => {
  it("is taken as it comes with the ring, without asking", async () => {
    rings("p1");
    const found = client.fetchQuery(screenPopQuery("p1"));
    useWorkspace.setState({ popped: { call_id: "p1", pop: pop("p1", "sent") } });
    expect((await found).enterprise?.name).toBe("sent");
    expect(asked).toEqual([]);
  });

  it("is asked for where the service could not send it, or another call's came", async () => {
    rings("p2");
    const found = client.fetchQuery(screenPopQuery("p2"));
    useWorkspace.setState({ popped: { call_id: "p1", pop: pop("p1", "sent") } });
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toEqual([]);
    useWorkspace.setState({ popped: { call_id: "p2", pop: null } });
    expect((await found).enterprise?.name).toBe("asked");
  });

  it("is asked for when it does not come, or the link is lost", async () => {
    rings("p3");
    const late = client.fetchQuery(screenPopQuery("p3"));
    await vi.advanceTimersByTimeAsync(500);
    await late;
    rings("p4");
    const lost = client.fetchQuery(screenPopQuery("p4"));
    useWorkspace.setState({ link: "lost" });
    await lost;
    expect(asked).toEqual(["p3", "p4"]);
  });

  it("is asked for anew when what was sent is no longer good", async () => {
    rings("p5");
    useWorkspace.setState({ popped: { call_id: "p5", pop: pop("p5", "sent") } });
    await client.fetchQuery(screenPopQuery("p5"));
    await client.invalidateQueries();
    expect((await client.fetchQuery(screenPopQuery("p5"))).enterprise?.name).toBe("asked");
  });

  it("is asked for at once for a call that does not ring", async () => {
    useWorkspace.setState({ link: "open", call: { call_id: "p6", state: "talking" } as CallView, popped: null });
    await client.fetchQuery(screenPopQuery("p6"));
    expect(asked).toEqual(["p6"]);
  });
});

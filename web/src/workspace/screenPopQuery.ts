import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { ScreenPop } from "../api/types";
import { useWorkspace } from "./store";

/** The service sends it with the ring; if it takes longer than this, asking is quicker. */
const COMES_WITHIN_MS = 400;

/** What is known of a call's caller: as it comes by itself while the phone rings, else as the service answers. */
export function screenPopQuery(callId: string | undefined) {
  return queryOptions({
    queryKey: ["screen-pop", callId],
    queryFn: async () =>
      (await sentWithRing(callId ?? "")) ??
      unwrap(api.GET("/api/screen-pop/{call_id}", { params: { path: { call_id: callId ?? "" } } })),
    staleTime: 60_000,
    // The record of a call that has just begun may come a moment later than its ring.
    retry: 4,
    retryDelay: (count) => 150 * 2 ** count,
  });
}

const taken = new Set<string>();

/** The pop that comes with a ring, once; null where none does. */
function sentWithRing(callId: string): Promise<ScreenPop | null> {
  const { call, link } = useWorkspace.getState();
  // What is asked for again is wanted new.
  if (taken.has(callId) || link !== "open" || call?.call_id !== callId || call.state !== "ringing") return Promise.resolve(null);
  taken.add(callId);
  return new Promise((resolve) => {
    const settle = (pop: ScreenPop | null) => {
      clearTimeout(timer);
      leave();
      resolve(pop);
    };
    const timer = setTimeout(() => settle(null), COMES_WITHIN_MS);
    const look = () => {
      const { popped, link: now } = useWorkspace.getState();
      if (popped?.call_id === callId) settle(popped.pop);
      else if (now !== "open") settle(null);
    };
    const leave = useWorkspace.subscribe(look);
    look();
  });
}

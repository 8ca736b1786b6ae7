import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";

/** What is known of a call's caller. */
export function screenPopQuery(callId: string | undefined) {
  return queryOptions({
    queryKey: ["screen-pop", callId],
    queryFn: () => unwrap(api.GET("/api/screen-pop/{call_id}", { params: { path: { call_id: callId ?? "" } } })),
    staleTime: 60_000,
    // The record of a call that has just begun may come a moment later than its ring.
    retry: 4,
    retryDelay: (count) => 150 * 2 ** count,
  });
}

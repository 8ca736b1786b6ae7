import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { screenPopQuery } from "./screenPopQuery";
import { useWorkspace } from "./store";

/** Asks who calls while the page is still drawing the ring: asking afterwards would show it 40 ms later. */
export function useEarlyPop(): void {
  const client = useQueryClient();
  useEffect(
    () =>
      useWorkspace.subscribe(({ call }, before) => {
        if (call?.state !== "ringing" || call.call_id === before.call?.call_id) return;
        void client.prefetchQuery(screenPopQuery(call.call_id));
      }),
    [client],
  );
}

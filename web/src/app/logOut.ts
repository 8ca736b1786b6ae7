import type { QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { forgetSession } from "../api/session";
import { dropDrafts } from "../workspace/keepers";

const CHANNEL = "hotline.session";
const LOGGED_OUT = "logged_out";

/** The user has logged out: nothing of theirs stays in this browser, in no tab of it. */
export function leaveEveryTab(): void {
  dropDrafts();
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(LOGGED_OUT);
  channel.close();
}

/** Follows a log-out in another tab: without this its drafts would be written again from here. */
export function useLogOutInOtherTabs(client: QueryClient): void {
  useEffect(() => {
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = (event: MessageEvent<unknown>) => {
      if (event.data !== LOGGED_OUT) return;
      dropDrafts();
      forgetSession(client);
    };
    return () => channel.close();
  }, [client]);
}

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { components } from "../api/generated";

export type Agent = Awaited<ReturnType<typeof loadAgents>>[number];
export type DeskPhoneAccount = components["schemas"]["DeskPhoneAccount"];

export const AGENTS = ["agents"];

export function loadAgents() {
  return unwrap(api.GET("/api/agents"));
}

/** The queues that the call flow has, and how to call them. */
export function useQueues() {
  const { i18n } = useTranslation();
  const query = useQuery({ queryKey: ["agents", "queues"], queryFn: () => unwrap(api.GET("/api/agents/queues")), staleTime: Infinity });
  const queues = query.data ?? [];
  const label = (name: string) => {
    const queue = queues.find((one) => one.name === name);
    if (queue === undefined) return name;
    return i18n.language === "en" ? queue.label_en : queue.label_zh;
  };
  return { queues, label };
}

/** What a SIP app's camera reads. */
export function sipUri({ username, password, host, port }: DeskPhoneAccount): string {
  return `sip:${username}:${encodeURIComponent(password)}@${host}:${port};transport=udp`;
}

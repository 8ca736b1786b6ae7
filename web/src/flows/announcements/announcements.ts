import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { components } from "../../api/generated";

export type Announcement = components["schemas"]["AnnouncementView"];
export type MenuSwitchState = components["schemas"]["MenuSwitchView"];

export const ANNOUNCEMENTS = ["announcements"];
const AGAIN_MS = 5000;

/** What is on now; read again every few seconds, for a colleague may switch as well. */
export function useAnnouncements() {
  return useQuery({ queryKey: ANNOUNCEMENTS, queryFn: () => unwrap(api.GET("/api/announcements")), refetchInterval: AGAIN_MS });
}

import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { components } from "../api/generated";

export type NoticeRow = components["schemas"]["NoticeView"];
export type OutgoingMessage = components["schemas"]["MessageView"];
export type Template = components["schemas"]["TemplateView"];
export type TemplateTexts = Required<components["schemas"]["TemplateFields"]>;

export const NOTICES = ["notices"];
const EVERY_MS = 20_000;
/** The page asks by itself: it does not keep an idle session alive. */
const BACKGROUND = { "X-Hotline-Background": "1" };

/** How many are unread; asked for while the page is seen. */
export function useUnread() {
  return useQuery({
    queryKey: [...NOTICES, "unread"],
    queryFn: () => unwrap(api.GET("/api/notices/unread", { headers: BACKGROUND })),
    refetchInterval: EVERY_MS,
    staleTime: EVERY_MS / 2,
  });
}

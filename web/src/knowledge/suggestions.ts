import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import { useSettled } from "../ui/useSettled";
import { type EntryRow, KNOWLEDGE } from "./knowledge";

/** A case as far as it is typed. */
export interface CaseInWords {
  title: string;
  content: string;
  item_id: string | null;
}

/** Fewer characters than these say nothing. */
const FEWEST = 4;
const PAUSE_MS = 500;

/** What is asked by; null while there is nothing to ask by. */
export function askedBy(about: CaseInWords | undefined): CaseInWords | null {
  if (about === undefined) return null;
  const { title, content, item_id } = about;
  return item_id || title.trim().length + content.trim().length >= FEWEST ? { title, content, item_id } : null;
}

/** Entries that may answer the case, the likeliest first. */
export function useSuggestions(about: CaseInWords | undefined): EntryRow[] {
  const asked = useSettled(JSON.stringify(askedBy(about)), PAUSE_MS);
  const body = JSON.parse(asked) as CaseInWords | null;
  const query = useQuery({
    queryKey: [...KNOWLEDGE, "suggestions", asked],
    queryFn: ({ signal }) => unwrap(api.POST("/api/knowledge/suggestions", { body: body ?? {}, signal })),
    enabled: body !== null,
    placeholderData: keepPreviousData,
  });
  return body === null ? [] : (query.data ?? []);
}

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, listPage } from "../api/client";

/** The notes on a case, the newest first. */
export function useNotes(caseId: string) {
  const queries = useQueryClient();
  const queryKey = ["case", caseId, "notes"];
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      listPage(
        api.GET("/api/cases/{case_id}/notes", {
          params: { path: { case_id: caseId }, query: pageParam === null ? {} : { cursor: pageParam } },
        }),
      ),
    getNextPageParam: (last) => last.next,
    refetchInterval: 60_000,
    refetchOnWindowFocus: "always",
  });
  return {
    query,
    notes: query.data?.pages.flatMap(({ items }) => items) ?? [],
    reload: () => void queries.invalidateQueries({ queryKey }),
  };
}

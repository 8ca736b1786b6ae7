import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { components } from "../api/generated";
import { KNOWLEDGE } from "./knowledge";

export type Quick = components["schemas"]["QuickEntries"];

const QUICK = [...KNOWLEDGE, "quick"];

export function useQuick() {
  return useQuery({ queryKey: QUICK, queryFn: () => unwrap(api.GET("/api/knowledge-quick")), staleTime: 60_000 });
}

/** Whether the reader starred the entry, and the change of that. */
export function useStar(id: string) {
  const client = useQueryClient();
  const quick = useQuick();
  const starred = quick.data?.favourites.some((row) => row.id === id) ?? false;
  const params = { path: { entry_id: id } };
  const change = useMutation({
    mutationFn: () =>
      unwrap(
        starred
          ? api.DELETE("/api/knowledge-quick/favourites/{entry_id}", { params })
          : api.PUT("/api/knowledge-quick/favourites/{entry_id}", { params }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: QUICK }),
  });
  return { starred, known: quick.isSuccess, change };
}

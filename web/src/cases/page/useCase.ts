import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { CaseView } from "../../api/types";

const LOOK_EVERY_MS = 20_000;

/** A case by its number or id. A cheap look every 20 s and on focus asks whether it changed; only then it is read again. */
export function useCase(id: string) {
  const client = useQueryClient();
  const queryKey = ["case", id];
  const params = { path: { case_id: id } };
  const query = useQuery({ queryKey, queryFn: () => unwrap(api.GET("/api/cases/{case_id}", { params })), refetchOnMount: "always" });
  const known = query.data?.version;
  useQuery({
    queryKey: [...queryKey, "version"],
    queryFn: async () => {
      const { version } = await unwrap(api.GET("/api/cases/{case_id}/version", { params }));
      if (version !== client.getQueryData<CaseView>(queryKey)?.version) await client.refetchQueries({ queryKey, exact: true });
      return version;
    },
    enabled: known !== undefined,
    staleTime: 0,
    refetchInterval: LOOK_EVERY_MS,
    refetchOnWindowFocus: "always",
  });
  return {
    query,
    reload: () => client.refetchQueries({ queryKey, exact: true }),
    /** The case as an action of one's own has left it. */
    took: (view: CaseView) => {
      client.setQueryData(queryKey, view);
      void client.invalidateQueries({ queryKey: ["cases"] });
    },
  };
}

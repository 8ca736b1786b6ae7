import { api, apiUrl, listPage, unwrap } from "../api/client";
import type { Page } from "../api/types";
import { newId } from "../ui/newId";
import { asked, type ListQuery, type WorkListCount, type WorkListName, type WorkListRow } from "./workLists";

export function loadCounts(): Promise<WorkListCount[]> {
  return unwrap(api.GET("/api/worklists"));
}

export function loadList(name: WorkListName, query: ListQuery): Promise<Page<WorkListRow>> {
  return listPage(api.GET("/api/worklists/{name}", { params: { path: { name }, query: asked(query) } }));
}

/** The address of the list's file: the rows that its filters leave, with these columns. */
export function exportUrl(name: WorkListName, query: ListQuery, columns: string[], format: "csv" | "xlsx"): string {
  return apiUrl(`/api/worklists/${name}/export`, { ...asked(query), columns, format });
}

/** The number of the case that is now this user's to work on; null where nothing is left. */
export async function claimNext(name: WorkListName): Promise<string | null> {
  const body = { request_id: newId() };
  return (await unwrap(api.POST("/api/worklists/{name}/claim-next", { params: { path: { name } }, body }))).number;
}

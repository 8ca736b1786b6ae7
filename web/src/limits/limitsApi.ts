import { api, listPage, unwrap } from "../api/client";
import type { Limit } from "./limits";

export const loadLimits = () => unwrap(api.GET("/api/limits"));

export function loadLimitChanges(query: Record<string, string | number>) {
  return listPage(api.GET("/api/limits/changes", { params: { query } }));
}

/** What changes of the calendar moved. */
export function loadRevisions(query: Record<string, string | number>) {
  return listPage(api.GET("/api/limits/revisions", { params: { query } }));
}

/** The deadlines that one change of the calendar moved, the first 200. */
export function loadRevised(id: string) {
  return listPage(api.GET("/api/limits/revisions/{revision_id}", { params: { path: { revision_id: id }, query: { limit: 200 } } }));
}

export function changeLimit(limit: Limit, to: { amount: string; hours: string; source: string; reason: string }) {
  const params = { path: { key: limit.key } };
  return unwrap(api.PUT("/api/limits/{key}", { params, body: { ...to, version: limit.version } }));
}

import { api, listPage, unwrap } from "../api/client";
import type { LedgerDraft, LedgerEntry, SupervisionAction, SupervisionReport, SupervisionTask } from "./supervision";

/** Those not done, unless a state is asked for. */
export function loadTasks(query: Record<string, string | number>) {
  return listPage(api.GET("/api/supervision-tasks", { params: { query: { ...query, ...(query.state === undefined && { open: true }) } } }));
}

/** How many are not done. */
export async function countTasks(): Promise<number> {
  return (await loadTasks({ limit: 1 })).total ?? 0;
}

export function tasksOf(caseId: string) {
  return listPage(api.GET("/api/supervision-tasks", { params: { query: { case_id: caseId } } }));
}

export function tasksAbout(entryId: string) {
  return listPage(api.GET("/api/supervision-tasks", { params: { query: { entry_id: entryId, open: true } } }));
}

export function loadTask(id: string) {
  return unwrap(api.GET("/api/supervision-tasks/{task_id}", { params: { path: { task_id: id } } }));
}

export function actOn(task: SupervisionTask, action: SupervisionAction, said: Omit<SupervisionReport, "version">) {
  const asked = { params: { path: { task_id: task.id } }, body: { unanswered: false, ...said, version: task.version } };
  switch (action) {
    case "ask_withdrawal":
      return unwrap(api.POST("/api/supervision-tasks/{task_id}/ask-withdrawal", asked));
    case "send_back":
      return unwrap(api.POST("/api/supervision-tasks/{task_id}/send-back", asked));
    case "review":
      return unwrap(api.POST("/api/supervision-tasks/{task_id}/review", asked));
    case "finish":
      return unwrap(api.POST("/api/supervision-tasks/{task_id}/finish", asked));
  }
}

export function loadEntries({ state, ...query }: Record<string, string | number>) {
  return listPage(api.GET("/api/unsolved-cases", { params: { query: { ...query, open: state !== "struck_off" } } }));
}

/** How many are not struck off. */
export async function countEntries(): Promise<number> {
  return (await loadEntries({ limit: 1 })).total ?? 0;
}

/** The case's open entry; null where it has none. */
export async function entryOf(caseId: string): Promise<LedgerEntry | null> {
  const { items } = await listPage(api.GET("/api/unsolved-cases", { params: { query: { case_id: caseId } } }));
  return items[0] ?? null;
}

export function enterUnsolved(body: LedgerDraft) {
  return unwrap(api.POST("/api/unsolved-cases", { body }));
}

export function strikeOff(entry: LedgerEntry, reason: string) {
  const asked = { params: { path: { entry_id: entry.id } }, body: { version: entry.version, reason } };
  return unwrap(api.POST("/api/unsolved-cases/{entry_id}/strike-off", asked));
}

import type { components } from "../api/generated";
import { startOfDay } from "../ui/zone";

export type WorkListName = components["schemas"]["WorkListName"];
export type WorkListCount = components["schemas"]["WorkListCount"];
export type WorkListRow = components["schemas"]["WorkListRow"];
export type ListQuery = Record<string, string | number>;

export const WORK_LISTS = ["worklists"];
/** The name of a list's table, under which its columns are kept. */
export const tableOf = (list: WorkListName) => `${WORK_LISTS[0]}.${list}`;
/** For `invalidateQueries`: the counts and every list, whatever its filters. */
export const ALL_LISTS = { predicate: ({ queryKey }: { queryKey: readonly unknown[] }) => String(queryKey[0]).startsWith("worklists") };
/** How often the counts are read again. */
export const COUNTS_EVERY_MS = 30_000;

export const STATES = [
  "draft", "pending_review", "need_info", "pending_dispatch", "dispatched", "return_requested", "in_progress", "extension_requested",
  "replied", "callback", "rework", "closed", "archived", "closed_direct", "not_accepted", "emergency_transferred", "terminated",
] as const;
export const TYPES = ["consult", "help", "suggestion", "complaint", "report", "praise"] as const;
export const URGENCIES = ["normal", "urgent", "life_safety"] as const;
export const DUE = ["overdue", "soon", "later", "none"] as const;
export const FLAGS = [
  "confidential", "anonymous", "sensitive", "mass", "hard", "designated", "urged", "reworked", "returned", "duplicate", "suspended",
] as const;
export const CHANNELS = ["phone", "internet", "media"] as const;
export const STAGES = ["establish", "operate", "change", "deregister"] as const;
export const CLAIMED = ["me", "nobody", "others"] as const;

/** Lists whose count asks for action at once. */
export const PRESSING: ReadonlySet<WorkListName> = new Set(["overdue", "to_sign", "to_call_back", "sent_back", "escalated"]);

/** Days of the hotline's calendar become moments, the last one included. */
export function asked({ from, to, dispatchedFrom, dispatchedTo, ...rest }: ListQuery): ListQuery {
  return {
    ...rest,
    ...(from && { created_since: startOfDay(String(from)).toISOString() }),
    ...(to && { created_before: startOfDay(String(to), 1).toISOString() }),
    ...(dispatchedFrom && { dispatched_since: startOfDay(String(dispatchedFrom)).toISOString() }),
    ...(dispatchedTo && { dispatched_before: startOfDay(String(dispatchedTo), 1).toISOString() }),
  };
}

/** Whether there are more than are counted shows by a plus. */
export function countText({ count, more }: WorkListCount): string {
  return count === null ? "" : `${count}${more ? "+" : ""}`;
}

/** The list to begin with: the first that holds something. */
export function firstList(lists: readonly WorkListCount[]): WorkListName | undefined {
  return (lists.find(({ count }) => (count ?? 0) > 0) ?? lists[0])?.name;
}

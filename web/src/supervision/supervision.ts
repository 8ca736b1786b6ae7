import type { components } from "../api/generated";
import { hasRole } from "../api/roles";
import type { SessionUser } from "../api/types";
import { startOfDay, wallClock } from "../ui/zone";
import type { Tone } from "../ui/StatusTag";

type View = components["schemas"];
export type SupervisionTask = View["SupervisionTaskView"];
export type SupervisionAction = View["SupervisionAction"];
export type SupervisionReport = View["SupervisionReport"];
export type LedgerEntry = View["LedgerEntryView"];
export type LedgerDraft = View["LedgerDraft"];

/** For `invalidateQueries`: every list of supervision and of the ledger. */
export const SUPERVISION = ["supervision"];
export const LEDGER = ["unsolved"];

export const TASK_STATES = ["issued", "withdrawal_requested", "reviewed", "done"] as const;
export const TASK_TONES: Record<SupervisionTask["state"], Tone> = {
  issued: "amber",
  withdrawal_requested: "brand",
  reviewed: "violet",
  done: "green",
};
export const ENTRY_STATES = ["struck_off"] as const;

export const mayIssue = (user: SessionUser) => hasRole(user, "supervisor");
export const mayKeepLedger = (user: SessionUser) => hasRole(user, "supervisor", "dispatcher");

/** The case, or the knowledge entry, that the unit is held to. */
export function pageOfSubject(task: Pick<SupervisionTask, "case_number" | "entry_id">): string {
  return task.case_number === null ? `/knowledge/${task.entry_id}` : `/cases/${task.case_number}`;
}

export function isLate(task: SupervisionTask, now: number): boolean {
  return task.state !== "done" && Date.parse(task.due_at) < now;
}

/** The end of the second working day at the earliest: two days from now, at half past five. */
export function usualDue(now: number): string {
  const day = wallClock(startOfDay(wallClock(now).slice(0, 10), 2).getTime()).slice(0, 10);
  return new Date(startOfDay(day).getTime() + 17.5 * 3_600_000).toISOString();
}

import { may } from "../api/session";
import type { Permission, SessionUser } from "../api/types";

export function mayOpen(user: SessionUser, anyOf: readonly Permission[]): boolean {
  return anyOf.length === 0 || anyOf.some((permission) => may(user, permission));
}

/** Where a user's own work is: an agent takes calls, everybody else chooses on the home page. */
export function homeOf(user: SessionUser): string {
  return may(user, "workspace.use") && !may(user, "supervise") ? "/workspace" : "/";
}

import type { Role, SessionUser } from "./types";

/** Whether the user has one of these. */
export function hasRole(user: SessionUser, ...roles: readonly Role[]): boolean {
  return roles.some((role) => user.roles.includes(role));
}

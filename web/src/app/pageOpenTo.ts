import { may } from "../api/session";
import type { Permission, SessionUser } from "../api/types";

/** Of the pages that lists link to: whose they are. The table of sections imports the pages, so it cannot be asked here. */
const NEEDED: readonly [string, readonly Permission[]][] = [
  ["/admin/users", ["user.read"]],
  ["/admin/organisations", ["user.read"]],
  ["/admin/agents", ["agent.manage"]],
  ["/admin/calendar", ["calendar.manage"]],
  ["/units", ["unit.read"]],
  ["/calls", ["call.read", "call.read_all"]],
  ["/enterprises", ["enterprise.read"]],
];

export function pageOpenTo(user: SessionUser, page: string): boolean {
  const needed = NEEDED.find(([path]) => page.startsWith(path))?.[1];
  return needed === undefined || needed.some((permission) => may(user, permission));
}

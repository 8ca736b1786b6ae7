import type { ReactNode } from "react";
import type { Permission, Role, SessionUser } from "../api/types";

/** One entry of the rail with its page: the rail, the routes, the home page and the guard all read this table. */
export interface Section {
  path: string;
  /** Its texts: `section.<key>` is the name, `section.<key>Does` what one does there. */
  key: string;
  icon: ReactNode;
  group: "work" | "admin";
  /** Whoever has one of these may open it; none: everybody who is logged in. */
  anyOf: readonly Permission[];
  /** Of those, for whom there is anything to do there; none: for all of them. */
  roles?: readonly Role[];
  /** One subject of the section has the address `<path>/<id>`, which the page reads as the parameter `id`. */
  subject?: boolean;
  /** Further addresses of its pages. */
  also?: readonly string[];
  page: (user: SessionUser) => ReactNode;
}

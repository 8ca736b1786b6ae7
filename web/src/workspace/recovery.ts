import type { AgentView, CallView } from "../api/types";
import type { PhoneState } from "../phone/machine";
import type { Link } from "./state";

/**
 * What to do about a call that the service holds and this page's phone does not.
 *
 * A browser's leg dies with its page. After a reload the service still has the caller; once the phone is
 * registered again it is asked to ring this phone and join the two. `none`: nothing is amiss. Until that ring the
 * phone takes no other: whoever answers a colleague in between would talk while the caller waits, unheard.
 */
export type Recovery = "none" | "wait" | "reconnect";

interface Picture {
  link: Link;
  agent: AgentView | null;
  call: CallView | null;
  phone: PhoneState;
}

const LIVE = new Set(["talking", "held"]);

export function recovery({ link, agent, call, phone }: Picture): Recovery {
  if (link !== "open" && link !== "lost") return "none";
  if (agent?.phone !== "browser" || call === null || !LIVE.has(call.state)) return "none";
  if (phone.leg !== "none") return "none";
  // This page has talked: its leg was ended here or by the service, and the picture only lags behind.
  if (phone.talks > 0) return "none";
  return link === "open" && phone.registration === "registered" ? "reconnect" : "wait";
}

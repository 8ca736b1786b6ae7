/** What can be done now, in the order of need. Pure. */
import type { CaseView, OfferView } from "../../api/types";
import type { PersonAction } from "./forms";

/** The next thing to do first: whoever may do several of these is asked for the earliest. */
const NEXT: readonly PersonAction[] = [
  "submit",
  "give_info",
  "approve",
  "dispatch",
  "sign",
  "accept_return",
  "endorse_extension",
  "grant_extension",
  "resume_work",
  "reply",
  // A lead unit may act for those below it too, but its own work comes first.
  "sign_assignment",
  "reply_assignment",
  "schedule_callback",
  "close",
  "record_callback",
  "archive",
];
/** Ends a case, or takes it off its way: never the first thing to press. */
export const GRAVE: ReadonlySet<string> = new Set(["not_accept", "transfer_emergency", "terminate", "withdraw"]);

export interface Offers {
  primary: PersonAction | null;
  others: PersonAction[];
  grave: PersonAction[];
  refused: { action: PersonAction; reason: string; detail: string }[];
  /** Somebody else's to do. */
  elsewhere: PersonAction[];
}

export function offersOf({ offers }: Pick<CaseView, "offers">): Offers {
  const allowed = offers.filter((offer) => offer.allowed).map(actionOf);
  const primary = NEXT.find((action) => allowed.includes(action)) ?? null;
  const rest = allowed.filter((action) => action !== primary);
  const refused = offers.filter((offer) => !offer.allowed);
  return {
    primary,
    others: rest.filter((action) => !GRAVE.has(action)),
    grave: rest.filter((action) => GRAVE.has(action)),
    refused: refused
      .filter(({ reason }) => reason !== "actor")
      .map((offer) => ({ action: actionOf(offer), reason: offer.reason ?? "", detail: offer.detail ?? "" })),
    elsewhere: refused.filter(({ reason }) => reason === "actor").map(actionOf),
  };
}

const actionOf = ({ action }: OfferView) => action as PersonAction;

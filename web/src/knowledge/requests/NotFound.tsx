import { useEffect } from "react";
import { useSession } from "../../api/session";
import { hasRole } from "../../api/roles";
import { AskKnowledge } from "./AskKnowledge";
import { countMissed } from "./requests";

/** How long a search stays before it counts as one: whoever goes on typing searches for something else. */
const SETTLED_MS = 2000;

/** Where a search found nothing: it is counted for the gaps of the week, and a unit can be asked. */
export function NotFound({ search, small = false }: { search: string; small?: boolean }) {
  const user = useSession().data?.user;
  const counts = user !== undefined && hasRole(user, "agent") && search.trim() !== "";
  useEffect(() => {
    if (!counts) return;
    // Only a figure: where it is lost, nothing else is.
    const timer = setTimeout(() => void countMissed(search).catch(() => undefined), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [counts, search]);
  return <AskKnowledge kind="gap" question={search} small={small} />;
}

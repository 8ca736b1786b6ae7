import type { EntryView } from "../knowledge";
import { AskKnowledge } from "./AskKnowledge";
import { Ratings } from "./Ratings";
import "./requests.css";

/** What an entry does not answer, or gets wrong, goes to its unit. */
export function AskAboutEntry({ view }: { view: EntryView }) {
  if (view.state !== "published") return null;
  const entry = { id: view.id, number: view.number, unitName: view.unit_name };
  return (
    <div className="asks">
      <Ratings view={view} />
      <AskKnowledge kind="gap" entry={entry} />
      <AskKnowledge kind="error" entry={entry} />
    </div>
  );
}

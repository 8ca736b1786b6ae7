import type { ReactNode } from "react";
import { Moment } from "../../ui/Moment";

/** What happened, who did it, when. */
export function EntryHead({ title, who, at, children }: { title: string; who: string; at: string; children?: ReactNode }) {
  return (
    <div className="entry-head">
      <strong>{title}</strong>
      {children}
      <span className="quiet">{who}</span>
      <span className="quiet entry-time">
        <Moment iso={at} />
      </span>
    </div>
  );
}

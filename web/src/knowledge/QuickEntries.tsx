import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { EntryRow } from "./knowledge";
import { type Quick, useQuick } from "./quick";

const SHOWN = 5;
const GROUPS = ["favourites", "recent", "today"] as const satisfies readonly (keyof Quick)[];

interface Props {
  /** One of them was chosen. */
  onPick: (row: EntryRow) => void;
  /** Only such as an agent may answer from. */
  citable?: boolean;
}

/** Entries at hand before anything is typed: one's stars, what one cited last, what everybody cites today. */
export function QuickEntries({ onPick, citable = false }: Props) {
  const { t } = useTranslation();
  const quick = useQuick();
  const [chosen, setChosen] = useState<keyof Quick | null>(null);
  const rowsOf = (group: keyof Quick) =>
    (quick.data?.[group] ?? []).filter((row) => !citable || (row.number !== null && row.scope !== "specialist")).slice(0, SHOWN);
  const groups = GROUPS.filter((group) => rowsOf(group).length > 0);
  const open = groups.find((group) => group === chosen) ?? groups[0];
  if (open === undefined) return null;
  return (
    <div className="quick-entries" data-testid="quick-entries">
      <div className="quick-groups">
        {groups.map((group) => (
          <button
            key={group}
            type="button"
            aria-pressed={group === open}
            onClick={() => setChosen(group)}
            data-testid={`quick-${group}`}
          >
            {t(`knowledge.quick.${group}`)}
          </button>
        ))}
      </div>
      <div className="quick-chips" role="group" aria-label={t(`knowledge.quick.${open}`)}>
        {rowsOf(open).map((row) => (
          <button key={row.id} type="button" onClick={() => onPick(row)} title={row.answer}>
            {row.title}
          </button>
        ))}
      </div>
    </div>
  );
}

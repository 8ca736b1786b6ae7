import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Drawer, Input, type InputRef } from "antd";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "../ui/EmptyState";
import { Failed } from "../ui/Failed";
import { useSettled } from "../ui/useSettled";
import { closeFinder, hitAfter, useFinder } from "./finder";
import { FinderHit } from "./FinderHit";
import { type EntryRow, KNOWLEDGE, loadEntries } from "./knowledge";
import { Marked } from "./Marked";
import { NotFound } from "./requests/NotFound";
import { HowFound } from "./SearchFacets";
import "./knowledge.css";
import "./finder.css";

const FOUND = 12;

/** Finds an entry beside whatever the page shows, reads it whole, and cites it in the case that is being written. */
export function Finder() {
  const { t } = useTranslation();
  const open = useFinder((finder) => finder.open);
  return (
    <Drawer
      open={open}
      mask={false}
      title={t("knowledge.finder")}
      onClose={closeFinder}
      size="min(480px, 100vw)"
      destroyOnHidden
      // eslint-disable-next-line jsx-a11y/no-autofocus -- the search field takes it, not the panel
      autoFocus={false}
    >
      <Hits />
    </Drawer>
  );
}

function Hits() {
  const { t } = useTranslation();
  const id = useId();
  const cite = useFinder((finder) => finder.cite);
  const input = useRef<InputRef>(null);
  // At once: what is typed while it slides in is searched for. Scrolled to, it would not slide.
  useEffect(() => input.current?.focus({ preventScroll: true }), []);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const search = useSettled(typed, 150);
  const found = useQuery({
    queryKey: [...KNOWLEDGE, "find", search],
    queryFn: () => loadEntries({ search, limit: FOUND }),
    placeholderData: keepPreviousData,
  });
  const rows = found.data?.items ?? [];
  const chosen: EntryRow | undefined = rows[Math.min(at, rows.length - 1)];
  // What Enter cites is what was read: not a hit of the letters before the last ones.
  const settled = search === typed && !found.isPlaceholderData;

  function pressed(event: KeyboardEvent) {
    const next = hitAfter(event.key, at, rows.length);
    if (next !== null) {
      event.preventDefault();
      setAt(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing && settled) {
      // Else the same key would press the first button of the dialog that opens.
      event.preventDefault();
      document.getElementById(`${id}-cite`)?.click();
    }
  }
  return (
    <div className="finder" data-testid="finder">
      <Input
        ref={input}
        role="combobox"
        value={typed}
        allowClear
        maxLength={200}
        placeholder={t("knowledge.search")}
        aria-label={t("knowledge.finder")}
        aria-expanded={rows.length > 0}
        aria-controls={`${id}-hits`}
        aria-activedescendant={chosen && `${id}-${rows.indexOf(chosen)}`}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={pressed}
        data-testid="finder-search"
      />
      <p className="quiet finder-keys">{t(cite ? "knowledge.finderKeysCite" : "knowledge.finderKeys")}</p>
      {found.isError && <Failed error={found.error} onRetry={() => void found.refetch()} />}
      {found.isSuccess && rows.length === 0 && (
        <EmptyState title={t("knowledge.none")} hint={t("knowledge.noneHint")}>
          <NotFound key={search} search={search} small />
        </EmptyState>
      )}
      {found.data?.searched && <HowFound searched={found.data.searched} total={found.data.total ?? rows.length} />}
      <div role="listbox" id={`${id}-hits`} aria-label={t("section.knowledge")} aria-busy={!settled} className="finder-hits">
        {rows.map((row, index) => (
          <div
            key={row.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={row === chosen}
            className="finder-hit"
            tabIndex={-1}
            onMouseDown={(event) => {
              // The keys stay with the search field.
              event.preventDefault();
              setAt(index);
            }}
            data-testid="finder-hit"
          >
            <span className="finder-title">
              <Marked parts={row.title_parts} text={row.title} />
            </span>
            <span className="quiet">{row.unit_name || t("knowledge.hotline")}</span>
          </div>
        ))}
      </div>
      {chosen && <FinderHit key={chosen.id} row={chosen} citeId={`${id}-cite`} ready={settled} />}
    </div>
  );
}

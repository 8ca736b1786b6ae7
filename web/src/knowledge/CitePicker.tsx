import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type EntryRow, KNOWLEDGE, type KnowledgeCited, loadEntries, loadVersion } from "./knowledge";
import "./knowledge.css";
import { Marked } from "./Marked";
import { QuickEntries } from "./QuickEntries";
import { type CaseInWords, useSuggestions } from "./suggestions";
import { useSettled } from "../ui/useSettled";
import { NotFound } from "./requests/NotFound";

interface Props {
  /** As a form's item hands them to its control. */
  id?: string;
  value?: KnowledgeCited[];
  onChange?: (value: KnowledgeCited[]) => void;
  /** The answer of what was chosen last, whole. */
  onAnswer?: (answer: string) => void;
  /** The case: what may answer it is offered before anything is typed. */
  about?: CaseInWords | undefined;
  /** Chosen from the beginning, as `value` says too. */
  given?: EntryRow | undefined;
}

const FOUND = 8;
const keyOf = ({ entry_id, number }: KnowledgeCited) => `${entry_id}/${number}`;

/** Entries that answer the caller, found while typing; the version is the one that is shown. */
export function CitePicker({ id, value = [], onChange, onAnswer, about, given }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const search = useSettled(typed, 150);
  // The search that found nothing, also when the list is closed and its search is cleared.
  const [missed, setMissed] = useState("");
  // Titles of what was chosen, also when the search has gone on.
  const [titles, setTitles] = useState<Record<string, string>>(given?.number ? { [keyOf({ entry_id: given.id, number: given.number })]: given.title } : {});
  const suggested = useSuggestions(about);
  useEffect(() => {
    if (given?.number && onAnswer) void loadVersion(given.id, given.number).then(({ content }) => onAnswer(content.answer ?? ""), () => undefined);
    // Once: later the list itself fills the answer in.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  const found = useQuery({
    queryKey: [...KNOWLEDGE, "cite", search],
    queryFn: async () => {
      const page = await loadEntries({ search, limit: FOUND });
      setMissed(page.items.length === 0 ? search : "");
      return page;
    },
    placeholderData: keepPreviousData,
  });
  const offered = search.trim() === "" && suggested.length > 0 ? suggested : (found.data?.items ?? []);
  const rows = offered.filter((row): row is EntryRow & { number: number } => row.number !== null);
  const options = rows.map((row) => ({
    value: keyOf({ entry_id: row.id, number: row.number }),
    label: row.title,
    row,
    disabled: row.scope === "specialist",
  }));
  const chosen = value.map((one) => ({ value: keyOf(one), label: titles[keyOf(one)] ?? keyOf(one) }));

  function note(row: EntryRow & { number: number }) {
    setTitles((before) => ({ ...before, [keyOf({ entry_id: row.id, number: row.number })]: row.title }));
    // The list has but the beginning of the answer.
    if (onAnswer) void loadVersion(row.id, row.number).then(({ content }) => onAnswer(content.answer ?? ""), () => undefined);
  }
  function choose(keys: { value: string; label: unknown }[]) {
    const known = new Map(value.map((one) => [keyOf(one), one]));
    const next = keys.flatMap(({ value: key }) => {
      const row = options.find((option) => option.value === key)?.row;
      return row ? [{ entry_id: row.id, number: row.number }] : known.has(key) ? [known.get(key)!] : [];
    });
    const fresh = next.find((one) => !known.has(keyOf(one)));
    const row = fresh && options.find((option) => option.value === keyOf(fresh))?.row;
    if (row) note(row);
    onChange?.(next);
  }
  function take(row: EntryRow) {
    if (row.number === null) return;
    note({ ...row, number: row.number });
    onChange?.([...value, { entry_id: row.id, number: row.number }]);
  }
  const picker = (
    <Select
      id={id}
      mode="multiple"
      labelInValue
      value={chosen}
      onChange={choose}
      showSearch={{ onSearch: setTyped, filterOption: false }}
      options={options}
      loading={found.isFetching}
      placeholder={t("knowledge.citeHint")}
      notFoundContent={t("knowledge.none")}
      listHeight={420}
      optionRender={({ data }) => (
        <div className="cite-option">
          <strong>
            <Marked parts={data.row.title_parts} text={data.row.title} />
          </strong> <span className="quiet">{data.row.unit_name || t("knowledge.hotline")}</span>
          {data.disabled && <span className="tag violet">{t("knowledge.onlySpecialist")}</span>}
          <p>
            <Marked parts={data.row.answer_parts} text={data.row.answer} />
          </p>
        </div>
      )}
      data-testid="cite"
    />
  );
  return (
    <>
      {picker}
      {search.trim() === "" && value.length === 0 && <QuickEntries citable onPick={take} />}
      {missed !== "" && value.length === 0 && <NotFound key={missed} search={missed} small />}
    </>
  );
}

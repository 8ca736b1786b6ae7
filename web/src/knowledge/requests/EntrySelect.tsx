import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSettled } from "../../ui/useSettled";
import { type EntryRow, KNOWLEDGE, loadEntries } from "../knowledge";

interface Props {
  /** As a form's item hands them to its control. */
  id?: string;
  value?: string | null;
  onChange?: (id: string, row: EntryRow) => void;
}

/** One published entry, found while typing. */
export function EntrySelect({ value = null, onChange, ...control }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const search = useSettled(typed, 150);
  const found = useQuery({
    queryKey: [...KNOWLEDGE, "refer", search],
    queryFn: () => loadEntries({ search, limit: 8 }),
    placeholderData: keepPreviousData,
  });
  const rows = found.data?.items ?? [];
  return (
    <Select<string | null>
      {...control}
      value={value}
      onChange={(id) => {
        const row = rows.find((one) => one.id === id);
        if (row) onChange?.(row.id, row);
      }}
      showSearch={{ onSearch: setTyped, filterOption: false }}
      options={rows.map((row) => ({ value: row.id, label: row.title }))}
      loading={found.isFetching}
      placeholder={t("requests.entryHint")}
      data-testid="request-entry"
    />
  );
}

import { SettingOutlined } from "@ant-design/icons";
import { Button, Checkbox, Popover } from "antd";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { recall, remember } from "../storage";
import { hiddenOf, toggleColumn } from "./columns";

const keyOf = (name: string) => `hotline.columns.${name}`;

/** As they are now, also where the browser stores nothing. */
const chosen = new Map<string, string | null>();
const watchers = new Set<() => void>();

function chosenOf(name: string): string | null {
  if (!chosen.has(name)) chosen.set(name, recall(keyOf(name)));
  return chosen.get(name) ?? null;
}

/** Put these columns of the list away, wherever it is drawn. */
export function hideColumns(name: string, hidden: readonly string[]): void {
  chosen.set(name, hidden.join(","));
  remember(keyOf(name), hidden.join(","));
  for (const watcher of watchers) watcher();
}

/** Which of a list's columns are put away. */
export function useHiddenColumns(name: string, columns: readonly { key: string; extra?: boolean }[]): string[] {
  return hiddenOf(useSyncExternalStore(watch, () => chosenOf(name)), columns);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

interface Props {
  columns: { key: string; title: string }[];
  hidden: string[];
  onChange: (hidden: string[]) => void;
}

export function ColumnSettings({ columns, hidden, onChange }: Props) {
  const { t } = useTranslation();
  const known = columns.map((column) => column.key);
  const list = (
    <div className="column-list">
      {columns
        .filter((column) => column.title !== "")
        .map((column) => (
          <Checkbox
            key={column.key}
            checked={!hidden.includes(column.key)}
            onChange={() => onChange(toggleColumn(hidden, column.key, known))}
          >
            {column.title}
          </Checkbox>
        ))}
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" title={t("table.columns")} content={list}>
      <Button type="text" icon={<SettingOutlined />} aria-label={t("table.columns")} title={t("table.columns")} data-testid="columns" />
    </Popover>
  );
}

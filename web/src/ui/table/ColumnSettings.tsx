import { SettingOutlined } from "@ant-design/icons";
import { Button, Checkbox, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { recall, remember } from "../storage";
import { parseHidden, toggleColumn } from "./columns";

const keyOf = (name: string) => `hotline.columns.${name}`;

/** Which of a list's columns the user has put away. */
export function hiddenColumns(name: string, known: string[]): string[] {
  return parseHidden(recall(keyOf(name)), known);
}

export function useHiddenColumns(name: string, known: string[]): [string[], (hidden: string[]) => void] {
  const [hidden, setHidden] = useState(() => hiddenColumns(name, known));
  return [
    hidden,
    (next) => {
      setHidden(next);
      remember(keyOf(name), next.join(","));
    },
  ];
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

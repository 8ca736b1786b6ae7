import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Checkbox, Table, type TableColumnType } from "antd";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { EmptyState } from "../EmptyState";
import { Failed } from "../Failed";
import { useNarrow } from "../useNarrow";
import { rowAfterKey } from "./columns";
import { ColumnSettings, hideColumns, useHiddenColumns } from "./ColumnSettings";
import { RowCard } from "./RowCard";
import "./table.css";
import type { TableState } from "./useTable";

export interface Column<T> extends Omit<TableColumnType<T>, "key" | "title" | "sorter"> {
  key: string;
  title: string;
  /** The server sorts by it, under this key. */
  sortable?: boolean;
  /** Put away until somebody asks for it. */
  extra?: boolean;
}

interface Props<T extends object> {
  table: TableState<T>;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  /** The page of a row's subject; enter and a click on the row go there. */
  rowLink?: (row: T) => string;
  /** What the list is of, for screen readers. */
  label: string;
  filters?: ReactNode;
  actions?: ReactNode;
  /** Between the filters and the rows: how they were found. */
  above?: ReactNode;
  /** A row on a phone's window, instead of a line of the table; by itself the columns under each other. */
  card?: (row: T) => ReactNode;
  /** Rows that are marked, by key: to act on many at once. */
  selection?: { keys: string[]; onChange: (keys: string[]) => void; nameOf: (row: T) => string };
  /** What to do where there is nothing; where filters hide everything the table itself says so. */
  empty: {
    title: string;
    hint: string;
    action?: ReactNode;
    /** What else to do where filters hide everything. */
    filtered?: ReactNode;
  };
}

export function DataTable<T extends object>({ table, columns, rowKey, rowLink, label, filters, actions, above, card, selection, empty }: Props<T>) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const frame = useRef<HTMLDivElement>(null);
  const { query, address } = table;
  const hidden = useHiddenColumns(table.name, columns);
  const rows = query.data?.items ?? [];
  const asCards = useNarrow();
  const filtered = Object.keys(address.filters).length > 0;

  function keyPressed(event: KeyboardEvent<HTMLElement>, row: T, at: number) {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter" && rowLink) return void navigate(rowLink(row));
    const to = rowAfterKey(event.key, at, rows.length);
    if (to === at) return;
    event.preventDefault();
    frame.current?.querySelectorAll<HTMLElement>("tr[data-row-key]")[to]?.focus();
  }
  function clicked(event: MouseEvent<HTMLElement>, row: T) {
    // A link or a button in the row means itself, and marked text is to be copied.
    const own = (event.target as HTMLElement).closest("a, button, input, label");
    if (own === null && rowLink && String(window.getSelection()) === "") void navigate(rowLink(row));
  }
  const kept = columns.filter((column) => !hidden.includes(column.key));
  const shown = kept.map(({ sortable, ...column }): TableColumnType<T> => ({
    ...column,
    // A table as wide as its content would stretch them to their longest text.
    ...(column.ellipsis && { onCell: () => ({ style: { maxWidth: column.width } }) }),
    ...(sortable && { sorter: true, sortOrder: orderOf(address.sort, column.key) }),
  }));
  const nothing = filtered ? (
    <EmptyState title={t("table.noMatch")} hint={t("table.noMatchHint")}>
      <Button onClick={table.clear}>{t("table.clear")}</Button> {empty.filtered}
    </EmptyState>
  ) : (
    <EmptyState title={empty.title} hint={empty.hint}>
      {empty.action}
    </EmptyState>
  );

  return (
    <div className="data-table" ref={frame} aria-busy={query.isFetching}>
      <div className="table-bar">
        {filters && (
          <div className="table-filters" role="search" aria-label={t("table.filters")}>
            {filters}
            {filtered && (
              <Button type="link" onClick={table.clear} data-testid="table-clear">
                {t("table.clear")}
              </Button>
            )}
          </div>
        )}
        <div className="table-tools">
          {typeof query.data?.total === "number" && <span className="quiet">{t("table.total", { count: query.data.total })}</span>}
          {selection && rows.length > 0 && (
            <Checkbox
              checked={selection.keys.length > 0 && rows.every((row) => selection.keys.includes(rowKey(row)))}
              onChange={(event) => selection.onChange(event.target.checked ? rows.map(rowKey) : [])}
            >
              {t("table.markAll")}
            </Checkbox>
          )}
          {actions}
          <ColumnSettings columns={columns} hidden={hidden} onChange={(next) => hideColumns(table.name, next)} />
        </div>
      </div>
      {above}
      {query.isError && <Failed error={query.error} title={t("table.failed")} onRetry={() => void query.refetch()} />}
      {asCards && !query.isError && (rows.length > 0 || query.isSuccess) && (
        <ul className="table-cards" aria-label={label}>
          {rows.map((row) => (
            <li key={rowKey(row)}>{card ? card(row) : <RowCard columns={kept} row={row} />}</li>
          ))}
          {rows.length === 0 && <li>{nothing}</li>}
        </ul>
      )}
      {!asCards && !(query.isError && rows.length === 0) && (
        <Table<T>
          aria-label={label}
          size="small"
          rowKey={rowKey}
          columns={shown}
          rowSelection={
            selection && {
              // The one in the head would be drawn twice, once where nobody sees it but the keyboard.
              hideSelectAll: true,
              selectedRowKeys: selection.keys,
              onChange: (keys) => selection.onChange(keys.map(String)),
              getCheckboxProps: (row) => ({ "aria-label": t("table.mark", { name: selection.nameOf(row) }) }),
            }
          }
          dataSource={rows}
          loading={query.isPending}
          pagination={false}
          showSorterTooltip={false}
          scroll={rows.length > 0 ? { x: "max-content" } : undefined}
          rowClassName={rowLink ? "table-row linked" : "table-row"}
          onRow={(row, at = 0) => ({
            tabIndex: 0,
            onKeyDown: (event: KeyboardEvent<HTMLElement>) => keyPressed(event, row, at),
            onClick: (event: MouseEvent<HTMLElement>) => clicked(event, row),
          })}
          onChange={(_page, _filters, sorter) => {
            if (Array.isArray(sorter) || sorter.columnKey === undefined) return;
            const key = String(sorter.columnKey);
            table.sortBy(sorter.order ? `${sorter.order === "descend" ? "-" : ""}${key}` : "");
          }}
          locale={{ emptyText: query.isPending ? " " : nothing }}
        />
      )}
      {(address.cursor !== "" || query.data?.next) && (
        <nav className="table-pages" aria-label={t("table.pages")}>
          <Button icon={<LeftOutlined />} disabled={address.cursor === ""} onClick={table.previous}>
            {t("table.previous")}
          </Button>
          <Button icon={<RightOutlined />} iconPlacement="end" disabled={!query.data?.next} onClick={table.next} data-testid="table-next">
            {t("table.next")}
          </Button>
        </nav>
      )}
    </div>
  );
}

function orderOf(sort: string, key: string) {
  if (sort === key) return "ascend" as const;
  return sort === `-${key}` ? ("descend" as const) : null;
}

import type { ReactNode } from "react";
import type { Column } from "./DataTable";

/** A row on a phone's window: its columns under each other, the first as the heading. */
export function RowCard<T extends object>({ columns, row }: { columns: Column<T>[]; row: T }) {
  const [first, ...rest] = columns.map((column) => ({ key: column.key, title: column.title, value: valueOf(column, row) }));
  return (
    <div className="row-card">
      <strong>{first?.value}</strong>
      <dl>
        {rest.filter(({ value }) => value !== null && value !== undefined && value !== "").map(({ key, title, value }) => (
          <div key={key}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function valueOf<T extends object>({ render, dataIndex }: Column<T>, row: T): ReactNode {
  const value: unknown = typeof dataIndex === "string" ? row[dataIndex as keyof T] : undefined;
  return (render ? render(value, row, 0) : value) as ReactNode;
}

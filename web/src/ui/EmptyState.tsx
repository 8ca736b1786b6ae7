import { Empty } from "antd";
import type { ReactNode } from "react";

interface Props {
  title: string;
  /** What to do about it. */
  hint: string;
  children?: ReactNode;
}

export function EmptyState({ title, hint, children }: Props) {
  return (
    <Empty
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      description={
        <>
          <strong>{title}</strong>
          <br />
          <span className="quiet">{hint}</span>
        </>
      }
      data-testid="empty"
    >
      {children}
    </Empty>
  );
}

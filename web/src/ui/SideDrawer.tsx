import { Drawer } from "antd";
import type { ReactNode } from "react";

interface Props {
  open: boolean;
  title: string;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  testId?: string;
}

/** A form or a detail beside its list; as wide as the window on a phone. */
export function SideDrawer({ open, title, onClose, children, footer, testId }: Props) {
  return (
    <Drawer open={open} title={title} onClose={onClose} footer={footer} size="min(480px, 100vw)" destroyOnHidden>
      <div data-testid={testId}>{children}</div>
    </Drawer>
  );
}

import { BellOutlined } from "@ant-design/icons";
import { Badge, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { SideDrawer } from "../ui/SideDrawer";
import { NoticeList } from "./NoticeList";
import "./notices.css";
import { useUnread } from "./notices";

/** The bell of the top bar, and what is behind it. */
export function Bell() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { data } = useUnread();
  const count = data?.unread ?? 0;
  return (
    <>
      <Badge count={count} overflowCount={99} size="small" offset={[-6, 8]}>
        <Button
          type="text"
          className="bell"
          icon={<BellOutlined />}
          aria-label={t(count === 0 ? "notices.bell_zero" : "notices.bell_other", { count })}
          onClick={() => setOpen(true)}
          data-testid="bell"
        />
      </Badge>
      <SideDrawer open={open} title={t("notices.title")} onClose={() => setOpen(false)} testId="notices">
        <NoticeList onLeave={() => setOpen(false)} />
      </SideDrawer>
    </>
  );
}

import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEdit } from "../../admin/useEdit";
import { api, unwrap } from "../../api/client";
import { may } from "../../api/session";
import type { SessionUser } from "../../api/types";
import { ConfirmWithReason } from "../../ui/ConfirmWithReason";
import { EmptyState } from "../../ui/EmptyState";
import { Failed } from "../../ui/Failed";
import { PageHead } from "../../ui/PageHead";
import { SideDrawer } from "../../ui/SideDrawer";
import { FlowsTabs } from "../FlowsTabs";
import { AnnouncementCard } from "./AnnouncementCard";
import { AnnouncementForm } from "./AnnouncementForm";
import "./announcements.css";
import { type Announcement, ANNOUNCEMENTS, useAnnouncements } from "./announcements";
import { MenuSwitch } from "./MenuSwitch";
import { SwitchDialog } from "./SwitchDialog";

/** What callers are told today, and whether they hear menus: on at once, always with an end. */
export default function AnnouncementsPage({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const query = useAnnouncements();
  const edit = useEdit(ANNOUNCEMENTS);
  const [edited, setEdited] = useState<Announcement | "new" | null>(null);
  const [switched, setSwitched] = useState<Announcement | null>(null);
  const [removed, setRemoved] = useState<Announcement | null>(null);
  const canSwitch = may(user, "supervise");
  const board = query.data;

  const turnOff = ({ id, version }: Announcement) =>
    edit(unwrap(api.PUT("/api/announcements/{announcement_id}/switch", { params: { path: { announcement_id: id } }, body: { version } })));
  const remove = ({ id, version }: Announcement) =>
    edit(unwrap(api.DELETE("/api/announcements/{announcement_id}", { params: { path: { announcement_id: id }, query: { version } } })));

  return (
    <div className="page">
      <PageHead title={t("section.announcements")} lead={t("section.announcementsDoes")}>
        {canSwitch && (
          <Button icon={<PlusOutlined />} onClick={() => setEdited("new")} data-testid="announcement-new">
            {t("announcement.add")}
          </Button>
        )}
      </PageHead>
      <FlowsTabs open="announcements" />
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {board && (
        <>
          <MenuSwitch menu={board.menu} canSwitch={canSwitch} />
          <h2>{t("announcement.list")}</h2>
          {board.announcements.length === 0 && <EmptyState title={t("announcement.none")} hint={t("announcement.noneHint")} />}
          <div className="announcement-list">
            {board.announcements.map((one) => (
              <AnnouncementCard
                key={one.id}
                announcement={one}
                canSwitch={canSwitch}
                onSwitch={() => setSwitched(one)}
                onOff={() => turnOff(one)}
                onEdit={() => setEdited(one)}
                onRemove={() => setRemoved(one)}
              />
            ))}
          </div>
        </>
      )}
      <SideDrawer open={edited !== null} title={t(edited === "new" ? "announcement.add" : "announcement.edit")} onClose={() => setEdited(null)} testId="announcement-form">
        {edited !== null && <AnnouncementForm announcement={edited === "new" ? null : edited} prompts={board?.prompts ?? []} onClose={() => setEdited(null)} />}
      </SideDrawer>
      {switched && <SwitchDialog announcement={switched} onClose={() => setSwitched(null)} />}
      <ConfirmWithReason
        open={removed !== null}
        title={t("announcement.remove")}
        text={t("announcement.removeText", { topic: removed?.topic })}
        okText={t("announcement.remove")}
        danger
        onConfirm={() => (removed ? remove(removed) : Promise.resolve())}
        onClose={() => setRemoved(null)}
      />
    </div>
  );
}

import { Form } from "antd";
import { useTranslation } from "react-i18next";
import { useEdit } from "../../admin/useEdit";
import { api, unwrap } from "../../api/client";
import { MomentPicker } from "../../cases/page/pickers";
import { FormDialog } from "../../ui/FormDialog";
import { type Announcement, ANNOUNCEMENTS } from "./announcements";
import { inHours } from "./inHours";
import { PICKED, Until, type UntilFields } from "./Until";

const HOURS = [1, 2, 4, 8, 24, 72] as const;

interface Fields extends UntilFields {
  from?: string;
}

export function SwitchDialog({ announcement, onClose }: { announcement: Announcement; onClose: () => void }) {
  const { t } = useTranslation();
  const edit = useEdit(ANNOUNCEMENTS);

  const send = ({ hours, until, from }: Fields) => {
    const end = hours === PICKED ? until : inHours(hours, from ? Date.parse(from) : Date.now());
    const params = { path: { announcement_id: announcement.id } };
    const body = { version: announcement.version, on_from: from ?? null, until: end ?? null };
    return edit(unwrap(api.PUT("/api/announcements/{announcement_id}/switch", { params, body })));
  };
  return (
    <FormDialog<Fields>
      title={t("announcement.switchOnTopic", { topic: announcement.topic })}
      text={announcement.text}
      okText={t("announcement.switchOn")}
      okTestId="switch-ok"
      initial={{ hours: 1 }}
      onSend={send}
      onClose={onClose}
    >
      <Form.Item name="from" label={t("announcement.start")} extra={t("announcement.startHint")}>
        <MomentPicker />
      </Form.Item>
      <Until hours={HOURS} />
    </FormDialog>
  );
}

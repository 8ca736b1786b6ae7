import { AutoComplete, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { useEdit } from "../../admin/useEdit";
import { api, unwrap } from "../../api/client";
import type { components } from "../../api/generated";
import { ServiceForm } from "../../ui/form/ServiceForm";
import { type Announcement, ANNOUNCEMENTS } from "./announcements";

interface Fields {
  topic: string;
  prompt: string;
  text: string;
}

interface Props {
  announcement: Announcement | null;
  prompts: components["schemas"]["AnnouncementPrompt"][];
  onClose: () => void;
}

export function AnnouncementForm({ announcement, prompts, onClose }: Props) {
  const { t } = useTranslation();
  const edit = useEdit(ANNOUNCEMENTS);
  const [form] = Form.useForm<Fields>();

  async function save(values: Fields) {
    if (announcement === null) await edit(unwrap(api.POST("/api/announcements", { body: values })));
    else {
      const params = { path: { announcement_id: announcement.id } };
      await edit(unwrap(api.PUT("/api/announcements/{announcement_id}", { params, body: { ...values, version: announcement.version } })));
    }
    onClose();
  }
  const required = [{ required: true, whitespace: true, message: t("form.required") }];
  const initial = { topic: announcement?.topic ?? "", prompt: announcement?.prompt ?? "", text: announcement?.text ?? "" };
  return (
    <ServiceForm<Fields> form={form} initial={initial} fields={["topic", "prompt", "text"]} owner={{ "announcement.prompt_missing": "prompt" }} onSave={save} onCancel={onClose}>
      <Form.Item name="topic" label={t("announcement.topic")} extra={t("announcement.topicHint")} rules={required}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="prompt" label={t("announcement.prompt")} extra={t("announcement.promptHint")} rules={[...required, { pattern: /^[a-z0-9][a-z0-9-]{0,63}$/, message: t("announcement.promptRule") }]}>
        <AutoComplete
          options={prompts.map(({ id, text }) => ({ value: id, label: `${id}: ${text}` }))}
          onSelect={(id: string) => form.setFieldValue("text", prompts.find((one) => one.id === id)?.text)}
        />
      </Form.Item>
      <Form.Item name="text" label={t("announcement.text")} extra={t("announcement.textHint")} rules={required}>
        <Input.TextArea rows={3} maxLength={500} showCount />
      </Form.Item>
    </ServiceForm>
  );
}

import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { FormDialog } from "../../ui/FormDialog";

/** The id of a prompt of one's own; what it says is entered on its page. */
export function NewPrompt({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <FormDialog<{ id: string }>
      title={t("prompts.new")}
      text={t("prompts.newText")}
      okText={t("prompts.next")}
      okTestId="prompt-new-ok"
      onSend={async ({ id }) => void (await navigate(`/flows/prompts/${id}`))}
      onClose={onClose}
    >
      <Form.Item name="id" label={t("prompts.id")} rules={[{ required: true, pattern: /^[a-z0-9]+(-[a-z0-9]+)*$/, max: 60, message: t("prompts.idRule") }]}>
        <Input maxLength={60} placeholder="topic-heating" data-testid="prompt-new-id" />
      </Form.Item>
    </FormDialog>
  );
}

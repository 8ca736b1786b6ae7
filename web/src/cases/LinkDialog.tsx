import { Checkbox, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../ui/Failed";

export interface LinkEntered {
  reason: string;
  answered_with_master: boolean;
}

interface Props {
  /** The case that this one will follow. */
  number: string;
  onLink: (entered: LinkEntered) => Promise<unknown>;
  onClose: () => void;
}

/** Link a case to a master: why, and whether the caller is called back separately. */
export function LinkDialog({ number, onLink, onClose }: Props) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Partial<LinkEntered>>();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);

  async function link({ reason = "", answered_with_master: together = false }: Partial<LinkEntered>) {
    setBusy(true);
    setRefused(null);
    try {
      await onLink({ reason, answered_with_master: together });
      onClose();
    } catch (error) {
      setRefused(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Modal
      open
      title={`${t("similar.link")}：${number}`}
      okText={t("similar.link")}
      okButtonProps={{ "data-testid": "link-confirm" }}
      cancelText={t("common.cancel")}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <p>{t("similar.linkText")}</p>
      {refused !== null && <Failed error={refused} onRetry={() => form.submit()} />}
      <Form form={form} layout="vertical" onFinish={(entered) => void link(entered)}>
        <Form.Item name="reason" label={t("similar.linkReason")}>
          <Input.TextArea rows={2} maxLength={4000} data-testid="link-reason" />
        </Form.Item>
        <Form.Item name="answered_with_master" valuePropName="checked">
          <Checkbox>{t("similar.withMaster")}</Checkbox>
        </Form.Item>
      </Form>
    </Modal>
  );
}

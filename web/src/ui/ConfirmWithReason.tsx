import { Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "./Failed";

interface Props {
  open: boolean;
  title: string;
  /** What will happen, and whether it can be undone. */
  text: string;
  okText: string;
  danger?: boolean;
  /** Without it the question is a plain one. */
  askReason?: boolean;
  /** Rejects with a Problem where the service refuses; the dialog stays and says so. */
  onConfirm: (reason: string) => Promise<unknown>;
  onClose: () => void;
}

export function ConfirmWithReason(props: Props) {
  const { open, title, text, okText, danger, askReason = false, onConfirm, onClose } = props;
  const { t } = useTranslation();
  const [form] = Form.useForm<{ reason: string }>();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);

  async function confirmed({ reason = "" }: { reason?: string }) {
    setBusy(true);
    setRefused(null);
    try {
      await onConfirm(reason.trim());
      onClose();
    } catch (error) {
      setRefused(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Modal
      open={open}
      title={title}
      okText={okText}
      okButtonProps={{ danger, "data-testid": "confirm-ok" }}
      cancelText={t("common.cancel")}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={onClose}
      afterClose={() => setRefused(null)}
      destroyOnHidden
    >
      <p>{text}</p>
      {refused !== null && <Failed error={refused} onRetry={() => form.submit()} />}
      <Form form={form} layout="vertical" preserve={false} onFinish={confirmed}>
        {askReason && (
          <Form.Item name="reason" label={t("confirm.reason")} rules={[{ required: true, whitespace: true, message: t("confirm.needReason") }]}>
            <Input.TextArea rows={3} maxLength={500} showCount data-testid="confirm-reason" />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}

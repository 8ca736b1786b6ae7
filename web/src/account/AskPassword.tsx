import { Alert, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { words } from "../app/words";

interface Props {
  open: boolean;
  title: string;
  /** Rejects with a Problem where the service refuses; the dialog stays and says so. */
  onPassword: (password: string) => Promise<unknown>;
  onClose: () => void;
}

/** That whoever sits here is whoever logged in. */
export function AskPassword({ open, title, onPassword, onClose }: Props) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ present: string }>();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);

  async function given({ present }: { present: string }) {
    setBusy(true);
    setRefused(null);
    try {
      await onPassword(present);
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
      okText={t("steps.confirm")}
      okButtonProps={{ "data-testid": "ask-password-ok" }}
      cancelText={t("common.cancel")}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={onClose}
      afterClose={() => setRefused(null)}
      destroyOnHidden
    >
      <p>{t("account.confirmPassword")}</p>
      {refused !== null && <Alert type="error" showIcon role="alert" title={words(refused)} className="form-note" />}
      <Form form={form} layout="vertical" preserve={false} requiredMark={false} onFinish={given}>
        <Form.Item
          name="present"
          label={t("account.oldPassword")}
          rules={[{ required: true, message: t("account.needPassword") }]}
        >
          <Input.Password autoComplete="current-password" maxLength={256} data-testid="ask-password" />
        </Form.Item>
      </Form>
    </Modal>
  );
}

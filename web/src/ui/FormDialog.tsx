import { Form, Modal } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "./Failed";

interface Props<T extends object> {
  /** By itself it is open as long as it is drawn. */
  open?: boolean;
  title: string;
  /** What will happen, and whether it can be undone. */
  text?: string;
  okText: string;
  okTestId: string;
  danger?: boolean;
  initial?: Partial<T>;
  /** Rejects with a Problem where the service refuses; the dialog stays and says so. */
  onSend: (values: T) => Promise<unknown>;
  onClose: () => void;
  /** The form's fields. */
  children?: ReactNode;
}

/** A few fields and one thing that is done with them. */
export function FormDialog<T extends object>(props: Props<T>) {
  const { open = true, title, text, okText, okTestId, danger, initial, onSend, onClose, children } = props;
  const { t } = useTranslation();
  const [form] = Form.useForm<T>();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);

  async function send(values: T) {
    setBusy(true);
    setRefused(null);
    try {
      await onSend(values);
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
      okButtonProps={{ danger, "data-testid": okTestId }}
      cancelText={t("common.cancel")}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={onClose}
      afterClose={() => setRefused(null)}
      destroyOnHidden
    >
      {text && <p>{text}</p>}
      {refused !== null && <Failed error={refused} onRetry={() => form.submit()} />}
      <Form<T> form={form} layout="vertical" preserve={false} initialValues={initial} onFinish={(values) => void send(values)}>
        {children}
      </Form>
    </Modal>
  );
}

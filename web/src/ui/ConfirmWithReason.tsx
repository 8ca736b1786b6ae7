import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { FormDialog } from "./FormDialog";

interface Props {
  open: boolean;
  title: string;
  /** What will happen, and whether it can be undone. */
  text: string;
  okText: string;
  danger?: boolean;
  /** Without it the question is a plain one. */
  askReason?: boolean;
  /** What the reason is called where it is more than that. */
  reasonLabel?: string;
  maxLength?: number;
  /** Rejects with a Problem where the service refuses; the dialog stays and says so. */
  onConfirm: (reason: string) => Promise<unknown>;
  onClose: () => void;
}

export function ConfirmWithReason({ askReason = false, reasonLabel, maxLength = 500, onConfirm, ...dialog }: Props) {
  const { t } = useTranslation();
  return (
    <FormDialog<{ reason?: string }> {...dialog} okTestId="confirm-ok" onSend={({ reason = "" }) => onConfirm(reason.trim())}>
      {askReason && (
        <Form.Item
          name="reason"
          label={reasonLabel ?? t("confirm.reason")}
          rules={[{ required: true, whitespace: true, message: t("confirm.needReason") }]}
        >
          <Input.TextArea rows={3} maxLength={maxLength} showCount data-testid="confirm-reason" />
        </Form.Item>
      )}
    </FormDialog>
  );
}

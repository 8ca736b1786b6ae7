import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { FormDialog } from "../ui/FormDialog";

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
  return (
    <FormDialog<{ present: string }>
      open={open}
      title={title}
      text={t("account.confirmPassword")}
      okText={t("steps.confirm")}
      okTestId="ask-password-ok"
      onSend={({ present }) => onPassword(present)}
      onClose={onClose}
    >
      <Form.Item name="present" label={t("account.oldPassword")} rules={[{ required: true, message: t("account.needPassword") }]}>
        <Input.Password autoComplete="current-password" maxLength={256} data-testid="ask-password" />
      </Form.Item>
    </FormDialog>
  );
}

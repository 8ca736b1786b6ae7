import { Checkbox, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { FormDialog } from "../ui/FormDialog";

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
  return (
    <FormDialog<Partial<LinkEntered>>
      title={t("common.of", { what: t("similar.link"), which: number })}
      text={t("similar.linkText")}
      okText={t("similar.link")}
      okTestId="link-confirm"
      onSend={({ reason = "", answered_with_master: together = false }) => onLink({ reason, answered_with_master: together })}
      onClose={onClose}
    >
      <Form.Item name="reason" label={t("similar.linkReason")}>
        <Input.TextArea rows={2} maxLength={4000} data-testid="link-reason" />
      </Form.Item>
      <Form.Item name="answered_with_master" valuePropName="checked">
        <Checkbox>{t("similar.withMaster")}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}

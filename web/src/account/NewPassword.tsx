import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";

export const SHORTEST = 12;

/** The new password twice, with the rule in words; fields `password` and `repeat` of the form around it. */
export function NewPassword() {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item
        name="password"
        label={t("account.newPassword")}
        extra={t("account.rule")}
        rules={[{ required: true, min: SHORTEST, message: t("account.shortPassword") }]}
      >
        <Input.Password autoComplete="new-password" maxLength={256} data-testid="new-password" />
      </Form.Item>
      <Form.Item
        name="repeat"
        label={t("account.repeat")}
        dependencies={["password"]}
        rules={[
          ({ getFieldValue }) => ({
            validator: (_rule, value: string) =>
              value === getFieldValue("password") ? Promise.resolve() : Promise.reject(new Error(t("account.different"))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={256} data-testid="repeat-password" />
      </Form.Item>
    </>
  );
}

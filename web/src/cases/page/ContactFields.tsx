import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Values } from "./forms";
import { MomentPicker } from "./pickers";

const WAYS = ["phone", "sms", "visit", "letter", "online", "none"];

/** How the unit reached the caller, or why it could not. */
export function ContactFields({ title, values }: { title: string; values: Values }) {
  const { t } = useTranslation();
  const required = [{ required: true, message: t("form.required") }];
  const unreached = (values.contact as { way?: string } | undefined)?.way === "none";
  return (
    <fieldset className="contact-fields">
      <legend>{title}</legend>
      <Form.Item name={["contact", "way"]} label={t("casePage.field.way")} rules={required}>
        <Select options={WAYS.map((value) => ({ value, label: t(`casePage.value.way.${value}`) }))} data-testid="field-way" />
      </Form.Item>
      <Form.Item name={["contact", "at"]} label={t("casePage.field.at")} rules={required}>
        <MomentPicker />
      </Form.Item>
      <Form.Item name={["contact", "by"]} label={t("casePage.field.by")} rules={[{ ...required[0], whitespace: true }]}>
        <Input maxLength={100} autoComplete="off" data-testid="field-by" />
      </Form.Item>
      <Form.Item name={["contact", "note"]} label={t("casePage.field.note")} rules={unreached ? required : []}>
        <Input.TextArea maxLength={20_000} autoSize={{ minRows: 1, maxRows: 6 }} data-testid="field-contact-note" />
      </Form.Item>
    </fieldset>
  );
}

import { useMutation } from "@tanstack/react-query";
import { App, Button, Checkbox, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { EnterpriseDraft, EnterpriseKind } from "../api/types";
import { words } from "../app/words";
import { isConfirmable } from "../enterprises/fields";
import { dialable } from "./ContactForm";
import type { Edits } from "./draft";

const KINDS: EnterpriseKind[] = ["enterprise", "private_enterprise", "individual_business"];

interface Props {
  name: string;
  number: string;
  /** Who was registered, or null when it was given up. */
  onDone: (identity: Edits | null) => void;
}

interface Entered {
  name: string;
  kind: EnterpriseKind;
  credit_code?: string;
  confirmed?: boolean;
  contact?: string;
  number?: string;
}

function draftOf({ name, kind, credit_code: code, confirmed, contact, number }: Entered): EnterpriseDraft {
  const draft: EnterpriseDraft = { name, kind };
  if (code?.trim()) draft.credit_code = code.trim();
  if (confirmed) draft.credit_code_confirmed = true;
  if (contact?.trim()) draft.contacts = [{ name: contact.trim(), numbers: number?.trim() ? [{ number: number.trim() }] : [] }];
  return draft;
}

export function EnterpriseForm({ name, number, onDone }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const [confirmable, setConfirmable] = useState(false);
  const create = useMutation({
    mutationFn: (entered: Entered) => unwrap(api.POST("/api/enterprises", { body: draftOf(entered) })),
    onSuccess: (made) => onDone({ enterprise_id: made.id, contact_id: made.contacts[0]?.id ?? null }),
    onError: (error) => {
      setConfirmable(isConfirmable(error));
      void message.error(words(error));
    },
  });
  function otherCode() {
    setConfirmable(false);
    form.setFieldValue("confirmed", false);
  }
  return (
    <Form<Entered>
      form={form}
      className="quick-form"
      layout="vertical"
      initialValues={{ name, kind: "enterprise", number: dialable(number) }}
      onFinish={(entered: Entered) => create.mutate(entered)}
    >
      <Form.Item
        className="wide"
        name="name"
        label={t("pop.enterpriseName")}
        rules={[{ required: true, whitespace: true, message: t("pop.needName") }]}
      >
        <Input maxLength={200} autoComplete="off" data-testid="enterprise-name" />
      </Form.Item>
      <Form.Item name="kind" label={t("pop.enterpriseKind")}>
        <Select options={KINDS.map((value) => ({ value, label: t(`pop.kind.${value}`) }))} />
      </Form.Item>
      <Form.Item name="credit_code" label={t("pop.creditCode")}>
        <Input maxLength={60} autoComplete="off" onChange={otherCode} data-testid="enterprise-code" />
      </Form.Item>
      {confirmable && (
        <Form.Item className="wide" name="confirmed" valuePropName="checked">
          <Checkbox data-testid="confirm-code">{t("enterprises.confirmCode")}</Checkbox>
        </Form.Item>
      )}
      <Form.Item name="contact" label={t("pop.contact")}>
        <Input maxLength={100} autoComplete="off" data-testid="enterprise-contact" />
      </Form.Item>
      <Form.Item name="number" label={t("pop.contactNumber")}>
        <Input maxLength={40} autoComplete="off" />
      </Form.Item>
      <div className="quick-form-foot">
        <Button size="small" type="primary" htmlType="submit" loading={create.isPending} data-testid="enterprise-save">
          {t("pop.create")}
        </Button>
        <Button size="small" onClick={() => onDone(null)}>
          {t("common.cancel")}
        </Button>
      </div>
    </Form>
  );
}

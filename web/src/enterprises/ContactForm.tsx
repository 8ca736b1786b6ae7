import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, type FormInstance, Input, Radio, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { isProblem } from "../api/problem";
import type { ContactMethod, ContactView, EnterpriseView } from "../api/types";
import { ServiceForm } from "../ui/form/ServiceForm";
import { entriesOf, mergedNumbers, type NumberEntry, numbersChanged, PURPOSES } from "./contact";
import { read } from "./EnterpriseForm";

export interface ContactEntry {
  name: string;
  role: string;
  preferred: ContactMethod;
  numbers: NumberEntry[];
}

const NEW: ContactEntry = { name: "", role: "", preferred: "phone", numbers: [{ number: "", purpose: "caller" }] };

interface Props {
  form: FormInstance<ContactEntry>;
  enterprise: EnterpriseView;
  /** Absent: a new one. */
  contact?: ContactView | undefined;
  onDone: () => void;
}

export function ContactForm({ form, enterprise, contact, onDone }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [begun, setBegun] = useState(contact);
  const [version, setVersion] = useState(enterprise.version);

  async function save(values: ContactEntry) {
    const numbers = values.numbers.filter((entry) => entry.id !== undefined || entry.number?.trim());
    try {
      await (begun ? change(enterprise.id, version, begun, { ...values, numbers }) : add(enterprise.id, { ...values, numbers }));
      await client.invalidateQueries({ queryKey: ["enterprise", enterprise.id] });
      onDone();
    } catch (error) {
      if (isProblem(error, "enterprise.version_conflict")) await takeOver(values);
      throw error;
    }
  }
  /** Of somebody else's change meanwhile: numbers that came or went; all that was typed stays. */
  async function takeOver(values: ContactEntry) {
    const latest = await read(enterprise.id);
    client.setQueryData(["enterprise", enterprise.id], latest);
    setVersion(latest.version);
    const now = latest.contacts.find((one) => one.id === begun?.id);
    if (begun === undefined || now === undefined) return;
    form.setFieldValue("numbers", mergedNumbers(begun, now, values.numbers));
    setBegun(now);
  }

  return (
    <ServiceForm<ContactEntry>
      form={form}
      initial={contact ? { ...contact, numbers: entriesOf(contact) } : NEW}
      fields={["name", "role", "preferred", "numbers"]}
      owner={{ "number.invalid": "numbers" }}
      onSave={save}
      onCancel={onDone}
    >
      <Form.Item
        name="name"
        label={t("enterprises.person")}
        rules={[{ required: true, whitespace: true, message: t("form.required") }]}
      >
        <Input maxLength={100} autoComplete="off" data-testid="contact-name" />
      </Form.Item>
      <Form.Item name="role" label={t("enterprises.role")}>
        <Input maxLength={50} autoComplete="off" data-testid="contact-role" />
      </Form.Item>
      <Form.Item name="preferred" label={t("enterprises.preferred")}>
        <Radio.Group options={["phone", "sms"].map((value) => ({ value, label: t(`enterprises.method.${value}`) }))} />
      </Form.Item>
      <Numbers />
    </ServiceForm>
  );
}

function Numbers() {
  const { t } = useTranslation();
  const form = Form.useFormInstance<ContactEntry>();
  return (
    <fieldset className="number-lines">
      <legend>{t("enterprises.numbers")}</legend>
      <Form.List name="numbers">
        {(lines, { add, remove }, { errors }) => (
          <>
            {lines.map((line, at) => {
              const shown = form.getFieldValue(["numbers", line.name, "shown"]) as string | undefined;
              return (
                <div key={line.key} className="number-line">
                  {shown ? (
                    <span className="code kept-number">{shown}</span>
                  ) : (
                    <Form.Item name={[line.name, "number"]} className="number-field" rules={[{ min: 3, message: t("problem.number.invalid") }]}>
                      <Input
                        maxLength={40}
                        autoComplete="off"
                        inputMode="tel"
                        aria-label={t("enterprises.numberOf", { place: at + 1 })}
                        data-testid={`contact-number-${at}`}
                      />
                    </Form.Item>
                  )}
                  <Form.Item name={[line.name, "purpose"]} noStyle>
                    <Select
                      className="number-purpose"
                      aria-label={t("enterprises.purposeOf", { place: at + 1 })}
                      options={PURPOSES.map((value) => ({ value, label: t(`enterprises.purpose.${value}`) }))}
                    />
                  </Form.Item>
                  <Button type="text" danger onClick={() => remove(line.name)} aria-label={t("enterprises.removeNumber", { place: at + 1 })}>
                    ×
                  </Button>
                </div>
              );
            })}
            <Form.ErrorList errors={errors} />
            {lines.length < 20 && (
              <Button size="small" onClick={() => add({ number: "", purpose: "caller" })} data-testid="number-add">
                + {t("enterprises.addNumber")}
              </Button>
            )}
          </>
        )}
      </Form.List>
    </fieldset>
  );
}

function add(enterpriseId: string, { name, role, preferred, numbers }: ContactEntry): Promise<ContactView> {
  const body = { name, role, preferred, numbers: numbers.map(({ number = "", purpose }) => ({ number, purpose })) };
  return unwrap(
    api.POST("/api/enterprises/{enterprise_id}/contacts", { params: { path: { enterprise_id: enterpriseId } }, body }),
  );
}

function change(enterpriseId: string, version: number, begun: ContactView, entry: ContactEntry): Promise<ContactView> {
  const lines = entry.numbers.map(({ id, number, purpose }) => (id ? { id, purpose } : { number: number ?? "", purpose }));
  const body = {
    version,
    ...(entry.name !== begun.name && { name: entry.name }),
    ...(entry.role !== begun.role && { role: entry.role }),
    ...(entry.preferred !== begun.preferred && { preferred: entry.preferred }),
    ...(numbersChanged(begun, entry.numbers) && { numbers: lines }),
  };
  return unwrap(
    api.PATCH("/api/enterprises/{enterprise_id}/contacts/{contact_id}", {
      params: { path: { enterprise_id: enterpriseId, contact_id: begun.id } },
      body,
    }),
  );
}

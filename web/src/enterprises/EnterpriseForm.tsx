import { useQueryClient } from "@tanstack/react-query";
import { Alert, Checkbox, Form, type FormInstance, Input, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { isProblem, Problem } from "../api/problem";
import type { EnterpriseView } from "../api/types";
import { words } from "../app/words";
import { ServiceForm } from "../ui/form/ServiceForm";
import { changed, changedMeanwhile, type EnterpriseFields, type Field, FIELDS, fieldsOf, isConfirmable, KINDS, SIZES } from "./fields";

const NEW: EnterpriseFields = { name: "", credit_code: null, kind: "enterprise", industry: "", size: null, skips_menu: true };
const OWNER: Record<string, Field> = { "enterprise.credit_code_taken": "credit_code" };
const LABEL: Record<Field, string> = {
  name: "enterprises.name",
  credit_code: "enterprises.code",
  kind: "enterprises.kind",
  industry: "enterprises.industry",
  size: "enterprises.size",
  skips_menu: "enterprises.skipsMenu",
};

export type EnterpriseEntry = EnterpriseFields & { confirmed?: boolean };

interface Props {
  form: FormInstance<EnterpriseEntry>;
  /** Absent: a new one. */
  enterprise?: EnterpriseView;
  /** What was saved, or null when it was given up. */
  onDone: (saved: EnterpriseView | null) => void;
}

/** An enterprise's own fields. Somebody else's change meanwhile loses nothing: it is shown, and saving again goes on. */
export function EnterpriseForm({ form, enterprise, onDone }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [begun] = useState(enterprise);
  const [latest, setLatest] = useState(enterprise);
  const [confirmable, setConfirmable] = useState(false);

  async function save({ confirmed, ...values }: EnterpriseEntry) {
    const extra = confirmed && confirmable ? { credit_code_confirmed: true } : {};
    try {
      const saved = latest === undefined || begun === undefined ? await create(values, extra) : await update(begun, latest, values, extra);
      void client.invalidateQueries({ queryKey: ["enterprises"] });
      client.setQueryData(["enterprise", saved.id], { ...saved, merged_ids: enterprise?.merged_ids ?? [] });
      onDone(saved);
    } catch (error) {
      if (isProblem(error, "enterprise.credit_code_invalid")) {
        setConfirmable(isConfirmable(error));
        throw new Problem(error.status, error.errorId, error.message, [{ where: "body.credit_code", what: words(error) }]);
      }
      if (isProblem(error, "enterprise.version_conflict") && begun) setLatest(await read(begun.id));
      throw error;
    }
  }
  function otherCode() {
    setConfirmable(false);
    form.setFieldValue("confirmed", false);
  }
  const meanwhile = begun && latest ? changedMeanwhile(fieldsOf(begun), fieldsOf(latest)) : [];
  const said = (field: Field, value: EnterpriseFields[Field]) => {
    if (field === "kind") return t(`pop.kind.${value as string}`);
    if (field === "size" && value) return t(`pop.size.${value as string}`);
    return typeof value === "boolean" ? (value ? "✓" : "✗") : value || "—";
  };

  return (
    <ServiceForm<EnterpriseEntry>
      form={form}
      initial={begun ? fieldsOf(begun) : NEW}
      fields={[...FIELDS, "confirmed"]}
      owner={OWNER}
      onSave={save}
      onCancel={() => onDone(null)}
    >
      {begun && latest && meanwhile.length > 0 && (
        <Alert
          type="warning"
          showIcon
          className="form-note"
          title={t("enterprises.changedMeanwhile")}
          data-testid="changed-meanwhile"
          description={meanwhile.map((field) => (
            <div key={field}>
              {t("enterprises.changedFrom", {
                field: t(LABEL[field]),
                before: said(field, begun[field]),
                after: said(field, latest[field]),
              })}
            </div>
          ))}
        />
      )}
      <Form.Item name="name" label={t(LABEL.name)} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
        <Input maxLength={200} autoComplete="off" data-testid="enterprise-name" />
      </Form.Item>
      <Form.Item name="credit_code" label={t(LABEL.credit_code)}>
        <Input maxLength={60} autoComplete="off" className="code" data-testid="enterprise-code" onChange={otherCode} />
      </Form.Item>
      {confirmable && (
        <Form.Item name="confirmed" valuePropName="checked">
          <Checkbox data-testid="confirm-code">{t("enterprises.confirmCode")}</Checkbox>
        </Form.Item>
      )}
      <Form.Item name="kind" label={t(LABEL.kind)}>
        <Select options={KINDS.map((value) => ({ value, label: t(`pop.kind.${value}`) }))} />
      </Form.Item>
      <Form.Item name="industry" label={t(LABEL.industry)}>
        <Input maxLength={100} autoComplete="off" data-testid="enterprise-industry" />
      </Form.Item>
      <Form.Item name="size" label={t(LABEL.size)}>
        <Select allowClear options={SIZES.map((value) => ({ value, label: t(`pop.size.${value}`) }))} />
      </Form.Item>
      <Form.Item name="skips_menu" label={t(LABEL.skips_menu)} valuePropName="checked" extra={t("enterprises.skipsMenuHint")}>
        <Switch />
      </Form.Item>
    </ServiceForm>
  );
}

type Confirmation = { credit_code_confirmed?: boolean };

function create(values: EnterpriseFields, extra: Confirmation): Promise<EnterpriseView> {
  const body = { ...values, credit_code: values.credit_code?.trim() || null, size: values.size ?? null, ...extra };
  return unwrap(api.POST("/api/enterprises", { body }));
}

function update(begun: EnterpriseView, latest: EnterpriseView, values: EnterpriseFields, extra: Confirmation): Promise<EnterpriseView> {
  const body = { ...changed(fieldsOf(begun), values), ...extra, version: latest.version };
  return unwrap(api.PATCH("/api/enterprises/{enterprise_id}", { params: { path: { enterprise_id: begun.id } }, body }));
}

export function read(id: string): Promise<EnterpriseView> {
  return unwrap(api.GET("/api/enterprises/{enterprise_id}", { params: { path: { enterprise_id: id } } }));
}

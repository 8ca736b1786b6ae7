import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEdit } from "../admin/useEdit";
import { api, unwrap } from "../api/client";
import { Waiting } from "../app/Waiting";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { Failed } from "../ui/Failed";
import { ServiceForm } from "../ui/form/ServiceForm";
import { SideDrawer } from "../ui/SideDrawer";
import { StatusTag } from "../ui/StatusTag";
import type { Template, TemplateTexts } from "./notices";

const TEMPLATES = ["notice-templates"];
const FIELDS = ["page_zh", "page_en", "sms_zh", "sms_en"] as const;

/** The words of each kind of notice, to be edited. */
export function Templates() {
  const { t, i18n } = useTranslation();
  const language = i18n.language === "en" ? "en" : "zh";
  const [editing, setEditing] = useState<string | null>(null);
  const query = useQuery({ queryKey: TEMPLATES, queryFn: () => unwrap(api.GET("/api/notice-templates")) });
  if (query.isPending) return <Waiting />;
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  const one = query.data.templates.find((template) => template.kind === editing);
  const listed = (names: string[]) => names.map((name) => `{${name}}`).join(" ");
  return (
    <>
      <ul className="notice-list">
        {query.data.templates.map((template) => (
          <li key={template.kind} data-read="true">
            <button type="button" onClick={() => setEditing(template.kind)} data-testid={`template-${template.kind}`}>
              <strong>{t(`noticeKind.${template.kind}`)}</strong>{" "}
              {template.edited && <StatusTag tone="amber">{t("templates.edited")}</StatusTag>}
              <span className="notice-text">{template.texts[`page_${language}`] || template.texts[`sms_${language}`]}</span>
            </button>
          </li>
        ))}
      </ul>
      <SideDrawer open={one !== undefined} title={one ? t(`noticeKind.${one.kind}`) : ""} onClose={() => setEditing(null)} testId="template-form">
        {one && (
          <>
            {one.shipped.page_zh && <p className="quiet">{t("templates.onPage", { list: listed(query.data.on_page) })}</p>}
            {one.shipped.sms_zh && <p className="quiet">{t("templates.inSms", { list: listed(query.data.in_sms) })}</p>}
            <TemplateForm key={`${one.kind} ${one.version}`} template={one} onClose={() => setEditing(null)} />
          </>
        )}
      </SideDrawer>
    </>
  );
}

function TemplateForm({ template, onClose }: { template: Template; onClose: () => void }) {
  const { t } = useTranslation();
  const edit = useEdit(TEMPLATES);
  const [form] = Form.useForm<TemplateTexts>();
  const [preview, setPreview] = useState<{ lines: string[]; parts: number } | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const [asking, setAsking] = useState(false);
  const used = FIELDS.filter((name) => template.shipped[name]);
  const params = { path: { kind: template.kind } };
  const texts = (values: Partial<TemplateTexts>) => ({ page_zh: "", page_en: "", sms_zh: "", sms_en: "", ...values });

  async function show() {
    setRefused(null);
    try {
      const body = texts(form.getFieldsValue());
      const made = await unwrap(api.POST("/api/notice-templates/{kind}/preview", { params, body }));
      setPreview({ lines: used.map((name) => made.texts[name] ?? ""), parts: made.sms_parts_zh });
    } catch (error) {
      setPreview(null);
      setRefused(error);
    }
  }
  async function save(values: TemplateTexts) {
    await edit(unwrap(api.PUT("/api/notice-templates/{kind}", { params, body: { ...texts(values), version: template.version } })));
    onClose();
  }
  return (
    <>
      <ServiceForm<TemplateTexts> form={form} initial={template.texts} fields={FIELDS} onSave={save} onCancel={onClose}>
        {used.map((name) => (
          <Form.Item key={name} name={name} label={t(`templates.${name}`)} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
            <Input.TextArea autoSize={{ minRows: 2 }} maxLength={300} showCount />
          </Form.Item>
        ))}
        <Button onClick={() => void show()} data-testid="template-preview">
          {t("templates.preview")}
        </Button>
        {refused !== null && <Failed error={refused} onRetry={() => void show()} />}
        {preview?.lines.map((line) => (
          <p key={line} className="template-preview" data-testid="template-line">
            {line}
          </p>
        ))}
        {preview !== null && preview.parts > 0 && <small className="quiet">{t("templates.parts", { count: preview.parts })}</small>}
      </ServiceForm>
      {template.edited && (
        <Button danger onClick={() => setAsking(true)} data-testid="template-reset">
          {t("templates.reset")}
        </Button>
      )}
      <ConfirmWithReason
        open={asking}
        title={t("templates.resetTitle")}
        text={t("templates.resetText")}
        okText={t("templates.reset")}
        danger
        onConfirm={() => edit(unwrap(api.POST("/api/notice-templates/{kind}/reset", { params, body: { version: template.version } })))}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

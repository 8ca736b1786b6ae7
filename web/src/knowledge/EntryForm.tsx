import { useQuery } from "@tanstack/react-query";
import { DatePicker, Form, Input, Radio, Select, type SelectProps } from "antd";
import dayjs from "dayjs";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { CATALOGUE, loadCatalogue } from "../catalogue/catalogue";
import { ServiceForm } from "../ui/form/ServiceForm";
import { asTree, treeOptions } from "../ui/table/tree";
import { loadUnits, UNITS } from "../units/units";
import { Details } from "./Details";
import { CATEGORIES, INCENTIVE, KINDS, type KnowledgeContent, loadCategories, SCOPES, STAGES } from "./knowledge";

interface Props {
  content: KnowledgeContent;
  onSave: (content: KnowledgeContent) => Promise<unknown>;
  onCancel: () => void;
  /** It holds what is not saved yet. */
  changed?: boolean;
  /** Above the fields. */
  children?: ReactNode;
}

const WORDS: SelectProps = { mode: "tags", open: false, suffixIcon: null, tokenSeparators: [",", "，", "、", " "] };

/** All that an entry says. */
export function EntryForm({ content, changed, onSave, onCancel, children }: Props) {
  const { t } = useTranslation();
  const [form] = Form.useForm<KnowledgeContent>();
  const kind = Form.useWatch("kind", form) ?? content.kind;
  const categories = useQuery({ queryKey: CATEGORIES, queryFn: loadCategories, staleTime: 300_000 });
  const items = useQuery({ queryKey: [...CATALOGUE, "pick"], queryFn: () => loadCatalogue(true), staleTime: 300_000 });
  const units = useQuery({ queryKey: [...UNITS, "all"], queryFn: () => loadUnits() });
  const specialists = (units.data ?? []).flatMap((unit) =>
    unit.specialists.map((one) => ({ value: one.id, label: `${one.name} · ${unit.name}` })),
  );
  const required = { required: true, whitespace: true, message: t("form.required") };

  function save(entered: KnowledgeContent) {
    // What the form does not show stays as it was; what was emptied is not sent as null.
    const given = Object.fromEntries(Object.entries(entered).filter(([, value]) => value !== undefined));
    const whole: KnowledgeContent = { ...content, ...given };
    return onSave({ ...whole, incentive: whole.kind === "incentive" ? (whole.incentive ?? {}) : null });
  }
  return (
    <div className="entry-form">
      <ServiceForm<KnowledgeContent>
        form={form}
        initial={content}
        changed={changed}
        fields={["title", "kind", "category_id", "answer", "details", "scope", "issuing_body", "document_number", "source", "expires_on", "specialist_ids", "item_ids"]}
        onSave={save}
        onCancel={onCancel}
      >
        {children}
        <Form.Item name="title" label={t("knowledge.field.title")} rules={[required]}>
          <Input maxLength={100} data-testid="entry-title" />
        </Form.Item>
        <div className="field-row">
          <Form.Item name="kind" label={t("knowledge.field.kind")}>
            <Select options={KINDS.map((value) => ({ value, label: t(`knowledge.kind.${value}`) }))} popupMatchSelectWidth={false} />
          </Form.Item>
          <Form.Item name="category_id" label={t("knowledge.field.category_id")} normalize={(value?: string) => value ?? null}>
            <Select allowClear options={treeOptions(asTree((categories.data ?? []).filter((one) => one.active)))} popupMatchSelectWidth={false} />
          </Form.Item>
        </div>
        <Form.Item name="answer" label={t("knowledge.field.answer")} extra={t("knowledge.answerHint")}>
          <Input.TextArea maxLength={2000} showCount autoSize={{ minRows: 3, maxRows: 12 }} data-testid="entry-answer-field" />
        </Form.Item>
        {kind === "incentive" && (
          <fieldset className="field-group">
            <legend>{t("knowledge.field.incentive")}</legend>
            {INCENTIVE.map((name) => (
              <Form.Item key={name} name={["incentive", name]} label={t(`knowledge.incentive.${name}`)}>
                {name === "beneficiaries" || name === "conditions" ? (
                  <Input.TextArea maxLength={4000} autoSize={{ minRows: 2, maxRows: 8 }} />
                ) : (
                  <Input maxLength={200} />
                )}
              </Form.Item>
            ))}
          </fieldset>
        )}
        <DetailsField label={t("knowledge.field.details")} />
        <Form.Item name="scope" label={t("knowledge.field.scope")}>
          <Radio.Group options={SCOPES.map((value) => ({ value, label: t(`knowledge.scope.${value}`) }))} />
        </Form.Item>
        <Form.Item name="specialist_ids" label={t("knowledge.field.specialist_ids")}>
          <Select mode="multiple" options={specialists} showSearch={{ optionFilterProp: "label" }} />
        </Form.Item>
        <div className="field-row">
          <Form.Item name="issuing_body" label={t("knowledge.field.issuing_body")}>
            <Input maxLength={200} data-testid="entry-issuing" />
          </Form.Item>
          <Form.Item name="document_number" label={t("knowledge.field.document_number")}>
            <Input maxLength={200} />
          </Form.Item>
        </div>
        <Form.Item name="source" label={t("knowledge.field.source")}>
          <Input maxLength={500} placeholder="https://" />
        </Form.Item>
        <div className="field-row">
          <DayField name="effective_on" />
          <DayField name="expires_on" />
        </div>
        <Form.Item name="item_ids" label={t("knowledge.field.item_ids")}>
          <Select
            mode="multiple"
            options={(items.data ?? []).map(({ id, code, name }) => ({ value: id, label: `${code} ${name}` }))}
            showSearch={{ optionFilterProp: "label" }}
          />
        </Form.Item>
        <Form.Item name="keywords" label={t("knowledge.field.keywords")} extra={t("knowledge.keywordsHint")}>
          <Select {...WORDS} />
        </Form.Item>
        <Form.Item name="synonyms" label={t("knowledge.field.synonyms")} extra={t("knowledge.synonymsHint")}>
          <Select {...WORDS} />
        </Form.Item>
        <div className="field-row">
          <Form.Item name="stages" label={t("knowledge.field.stages")}>
            <Select mode="multiple" options={STAGES.map((value) => ({ value, label: t(`case.stage.${value}`) }))} />
          </Form.Item>
          <Form.Item name="region" label={t("knowledge.field.region")}>
            <Input maxLength={200} />
          </Form.Item>
        </div>
        <details className="form-note">
          <summary>{t("knowledge.english")}</summary>
          <Form.Item name="title_en" label={t("knowledge.field.title")}>
            <Input maxLength={200} />
          </Form.Item>
          <Form.Item name="answer_en" label={t("knowledge.field.answer")}>
            <Input.TextArea maxLength={2000} autoSize={{ minRows: 2, maxRows: 8 }} />
          </Form.Item>
          <Form.Item name="details_en" label={t("knowledge.field.details")}>
            <Input.TextArea maxLength={50_000} autoSize={{ minRows: 3, maxRows: 12 }} />
          </Form.Item>
        </details>
      </ServiceForm>
    </div>
  );
}

function DayField({ name }: { name: "effective_on" | "expires_on" }) {
  const { t } = useTranslation();
  return (
    <Form.Item
      name={name}
      label={t(`knowledge.field.${name}`)}
      getValueProps={(value?: string | null) => ({ value: value ? dayjs(value) : null })}
      normalize={(day?: dayjs.Dayjs | null) => day?.format("YYYY-MM-DD") ?? null}
    >
      <DatePicker style={{ width: "100%" }} />
    </Form.Item>
  );
}

/** Markdown as it is written, or as it will be shown. */
function DetailsField({ label }: { label: string }) {
  const { t } = useTranslation();
  const [preview, setPreview] = useState(false);
  const text = Form.useWatch<string | undefined>("details") ?? "";
  return (
    <>
      <Radio.Group
        optionType="button"
        size="small"
        value={preview}
        onChange={(event) => setPreview(event.target.value as boolean)}
        options={[
          { value: false, label: t("knowledge.write") },
          { value: true, label: t("knowledge.preview") },
        ]}
        aria-label={label}
      />
      <div hidden={!preview} className="entry-card form-note">
        <Details text={text} />
      </div>
      <Form.Item name="details" label={label} extra={t("knowledge.detailsHint")} hidden={preview}>
        <Input.TextArea maxLength={50_000} autoSize={{ minRows: 6, maxRows: 24 }} data-testid="entry-details-field" />
      </Form.Item>
    </>
  );
}

import { Alert, Checkbox, DatePicker, Input, Segmented, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import type { CaseFields, CaseState, CaseType } from "../api/types";
import { ItemPicker } from "../cases/page/pickers";
import { instantOf, wallClock } from "../ui/zone";
import { ComplainedUnit } from "./ComplainedUnit";
import { type Field, wanted } from "./draft";

const TYPES: CaseType[] = ["consult", "help", "suggestion", "complaint", "report", "praise"];
const STAGES = ["establish", "operate", "change", "deregister"] as const;
const URGENCIES = ["normal", "urgent", "life_safety"] as const;
const COMPLAINTS = ["attitude", "style", "efficiency", "other"] as const;

/** What the picker shows is the hotline's clock, whatever zone its own object is in. */
const readMinute = (picked: Dayjs) => new Date(instantOf(picked.format("YYYY-MM-DDTHH:mm:00"))).toISOString();

interface Props {
  values: CaseFields;
  /** The state of a case that can no longer be changed; null while it can. */
  locked: CaseState | null;
  /** Mark what is missing; only after a try to submit, so that nobody is scolded while typing. */
  strict: boolean;
  onEdit: (changes: Partial<CaseFields>) => void;
  /** Stands right under the caller's own words. */
  children?: ReactNode;
}

/** The short case form. It only shows and reports; keeping is the keeper's. */
export function CaseForm({ values, locked, strict, onEdit, children }: Props) {
  const readOnly = locked !== null;
  const { t } = useTranslation();
  const id = useId();
  const must = new Set<Field>(wanted({ ...values, title: "", content: "", unit_complained_of: "", complaint_type: "", demand: "" }));
  const lacking = new Set(strict ? wanted(values) : []);
  const against = values.type === "complaint" || values.type === "report";

  const label = (field: Field) => (
    <label htmlFor={`${id}-${field}`} className="field-label">
      {t(`case.fields.${field}`)}
      {must.has(field) && (
        <span className="must" aria-hidden>
          *
        </span>
      )}
    </label>
  );
  const props = (field: Field) => ({
    id: `${id}-${field}`,
    disabled: readOnly,
    status: lacking.has(field) ? ("error" as const) : undefined,
    "aria-required": must.has(field),
    "aria-invalid": lacking.has(field),
    "data-testid": `case-${field}`,
  });
  const text = (field: "title" | "place" | "callback_number", max: number, hint?: string) => (
    <div className="field">
      {label(field)}
      <Input
        {...props(field)}
        value={values[field]}
        maxLength={max}
        placeholder={readOnly ? undefined : hint}
        autoComplete="off"
        onChange={(event) => onEdit({ [field]: event.target.value })}
      />
    </div>
  );
  const area = (field: "content" | "demand", rows: number, hint: string) => (
    <div className="field">
      {label(field)}
      <Input.TextArea
        {...props(field)}
        value={values[field]}
        maxLength={20_000}
        autoSize={{ minRows: rows, maxRows: 12 }}
        placeholder={readOnly ? undefined : hint}
        onChange={(event) => onEdit({ [field]: event.target.value })}
      />
    </div>
  );
  const complaint = COMPLAINTS.map((c) => ({ value: t(`case.complaintTypes.${c}`), label: t(`case.complaintTypes.${c}`) }));

  return (
    <div className="case-form">
      <div className="field" role="group" aria-labelledby={`${id}-type-label`}>
        <span className="field-label" id={`${id}-type-label`}>
          {t("case.fields.type")}
          <span className="must" aria-hidden>
            *
          </span>
        </span>
        <div className="types" data-invalid={lacking.has("type")}>
          {TYPES.map((type) => (
            <button
              key={type}
              type="button"
              className="type"
              aria-pressed={values.type === type}
              disabled={readOnly}
              onClick={() => onEdit({ type })}
              data-testid={`case-type-${type}`}
            >
              {t(`caseType.${type}`)}
            </button>
          ))}
        </div>
      </div>
      {text("title", 200, t("case.placeholder.title"))}
      {area("content", 4, t("case.placeholder.content"))}
      {children}
      {against && (
        <>
          <div className="field-pair">
            <div className="field">
              {label("unit_complained_of")}
              <ComplainedUnit {...props("unit_complained_of")} values={values} onEdit={onEdit} />
            </div>
            <div className="field">
              {label("complaint_type")}
              <Select
                {...props("complaint_type")}
                value={values.complaint_type || undefined}
                options={complaint}
                onChange={(value: string) => onEdit({ complaint_type: value })}
              />
            </div>
          </div>
          {area("demand", 2, t("case.placeholder.demand"))}
        </>
      )}
      <div className="field-pair">
        <div className="field">
          {label("life_cycle_stage")}
          <Select
            {...props("life_cycle_stage")}
            allowClear
            value={values.life_cycle_stage ?? undefined}
            options={STAGES.map((value) => ({ value, label: t(`case.stage.${value}`) }))}
            onChange={(value?: CaseFields["life_cycle_stage"]) => onEdit({ life_cycle_stage: value ?? null })}
          />
        </div>
        <div className="field">
          {label("occurred_at")}
          <DatePicker
            {...props("occurred_at")}
            showTime={{ format: "HH:mm" }}
            format="YYYY-MM-DD HH:mm"
            placeholder={readOnly ? "" : undefined}
            value={values.occurred_at ? dayjs(wallClock(Date.parse(values.occurred_at))) : null}
            onChange={(value) => onEdit({ occurred_at: value && readMinute(value) })}
          />
        </div>
      </div>
      <div className="field-pair">
        {text("place", 200)}
        {text("callback_number", 20, t("case.placeholder.callback_number"))}
      </div>
      <div className="field" role="group" aria-labelledby={`${id}-urgency-label`}>
        <span className="field-label" id={`${id}-urgency-label`}>
          {t("case.fields.urgency")}
        </span>
        <Segmented
          block
          disabled={readOnly}
          value={values.urgency}
          options={URGENCIES.map((value) => ({ value, label: t(`case.urgency.${value}`) }))}
          onChange={(value) => onEdit({ urgency: value })}
          aria-labelledby={`${id}-urgency-label`}
        />
      </div>
      <div className="field">
        {label("item_id")}
        <ItemPicker
          id={`${id}-item_id`}
          disabled={readOnly}
          value={values.item_id ?? undefined}
          onChange={(value) => onEdit({ item_id: value ?? null })}
        />
      </div>
      <div className="case-wishes">
        {(["needs_reply", "needs_callback", "anonymous"] as const).map((field) => (
          <Checkbox
            key={field}
            checked={values[field]}
            disabled={readOnly}
            onChange={(event) => onEdit({ [field]: event.target.checked })}
            data-testid={`case-${field}`}
          >
            {t(`case.fields.${field}`)}
          </Checkbox>
        ))}
      </div>
      <Checkbox
        checked={values.confidential}
        disabled={readOnly}
        onChange={(event) => onEdit({ confidential: event.target.checked })}
        data-testid="case-confidential"
      >
        {t("case.fields.confidential")} <span className="quiet">{t("case.confidentialText")}</span>
      </Checkbox>
      <Checkbox
        checked={values.sms_agreed}
        disabled={readOnly}
        onChange={(event) => onEdit({ sms_agreed: event.target.checked })}
        data-testid="case-sms_agreed"
      >
        {t("case.fields.sms_agreed")} <span className="quiet">{t("case.smsAgreedText")}</span>
      </Checkbox>
      {locked && <Alert type="info" showIcon title={t("case.readOnly", { state: t(`caseState.${locked}`) })} />}
    </div>
  );
}

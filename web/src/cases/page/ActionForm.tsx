import { Alert, Button, Form, type FormInstance } from "antd";
import i18next from "i18next";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "../../api/problem";
import type { CaseView, SessionUser } from "../../api/types";
import { fieldErrors, type FieldPath } from "../../ui/form/fieldErrors";
import { useLeaveGuard } from "../../ui/form/useLeaveGuard";
import { newId } from "../../ui/newId";
import { forget, keep, keptOf } from "../../workspace/kept";
import { ActionField } from "./ActionField";
import { Changes } from "./Changes";
import { bodyOf, fieldsOf, initialOf, type PersonAction, type Values } from "./forms";
import { FIELD_OF_REASON, sayReason, sayRefusal } from "./reasons";
import { Suggestions } from "./Suggestions";

interface Props {
  view: CaseView;
  user: SessionUser;
  action: PersonAction;
  busy: boolean;
  /** Gives the error where the service refuses. */
  onSend: (body: Record<string, unknown>, requestId: string) => Promise<unknown>;
  onClose: () => void;
}

/** Those of fields that are not asked now too. */
const valuesOf = (form: FormInstance<Values>): Values => form.getFieldsValue(true) as Values;

export const slotOf = (view: CaseView, action: PersonAction) => `move.${view.id}.${action}`;

/** What an action asks for. What is typed is kept in the browser until it is sent or cleared. */
export function ActionForm({ view, user, action, busy, onSend, onClose }: Props) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Values>();
  const slot = slotOf(view, action);
  const [kept] = useState(() => keptOf<Values>(user.id, slot));
  const initial = { ...initialOf(action, view), ...kept?.edits };
  const values: Values = Form.useWatch([], form) ?? initial;
  const [restored, setRestored] = useState(kept !== null);
  const [unkept, setUnkept] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const [seen, setSeen] = useState(view.version);
  const requestId = useRef(kept?.id ?? newId());
  useLeaveGuard(unkept && !busy);

  const fields = fieldsOf(action, values, view);
  const offer = view.offers.find((one) => one.action === action);
  const changed = view.version > seen;
  const hint = `casePage.hint.${action}`;

  function typed(all: Values) {
    // Other words are another request: the version alone keeps them from being a second step.
    requestId.current = newId();
    setRestored(false);
    setUnkept(!keep<Values>(user.id, slot, { id: requestId.current, edits: all }));
  }

  async function send() {
    setRefused(null);
    const error = await onSend(bodyOf(action, valuesOf(form), view), requestId.current);
    if (error === null) {
      forget(user.id, slot);
      return;
    }
    if (isProblem(error, "case.version_conflict")) return;
    const names = fields.map(({ name }) => name);
    const owner = isProblem(error, "case.refused") ? FIELD_OF_REASON[error.reason]?.find((name) => names.includes(name)) : undefined;
    const mapped = fieldErrors(error, names, (what) => i18next.t("form.invalid", { what }));
    const found = owner === undefined ? mapped.fields : [{ name: placeOf(owner), errors: [sayRefusal(error)] }];
    form.setFields(found);
    if (found[0]) form.scrollToField(found[0].name, { focus: true });
    if (found.length === 0 || (owner === undefined && mapped.rest)) setRefused(error);
  }

  function discard() {
    forget(user.id, slot);
    requestId.current = newId();
    setRestored(false);
    setUnkept(false);
    form.setFieldsValue(Object.fromEntries([...new Set([...Object.keys(values), ...Object.keys(initial)])].map((name) => [name, undefined])));
    form.setFieldsValue(initialOf(action, view));
  }

  return (
    <section className="case-card action-form" aria-labelledby="action-title" data-testid={`form-${action}`}>
      <h2 id="action-title">{t(`casePage.action.${action}`)}</h2>
      {i18next.exists(hint) && <p className="action-hint">{t(hint)}</p>}
      {changed && <Changes view={view} seen={seen} onSeen={() => setSeen(view.version)} />}
      {!offer?.allowed && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="form-note"
          title={t("casePage.changed.gone", {
            action: t(`casePage.action.${action}`),
            reason: offer ? sayReason(offer.reason ?? "", offer.detail ?? "") : t("casePage.changed.moved"),
          })}
        />
      )}
      {restored && (
        <p className="quiet" role="status">
          {t("casePage.actions.restored")}
        </p>
      )}
      {refused !== null && <Alert type="error" showIcon role="alert" className="form-note" title={sayRefusal(refused)} />}
      <Form<Values>
        form={form}
        layout="vertical"
        name={action}
        initialValues={initial}
        scrollToFirstError={{ focus: true }}
        onValuesChange={(_, all) => typed(all)}
        onFinish={() => void send()}
      >
        {action === "dispatch" && (
          <Suggestions
            view={view}
            itemId={values.item_id}
            onApply={(one) => {
              form.setFieldsValue({ item_id: one.item_id, ...(one.unit && { lead_unit_id: one.unit.id }) });
              typed(valuesOf(form));
            }}
          />
        )}
        {fields.map((spec) => (
          <ActionField key={spec.name} action={action} spec={spec} values={values} view={view} />
        ))}
        <div className="action-buttons">
          <Button type="primary" htmlType="submit" loading={busy} disabled={!offer?.allowed} onClick={() => setSeen(view.version)} data-testid="action-send">
            {t(changed ? "casePage.actions.sendAgain" : "casePage.actions.send")}
          </Button>
          <Button onClick={onClose}>{t("common.close")}</Button>
          <Button type="text" onClick={discard}>
            {t("casePage.actions.discard")}
          </Button>
        </div>
      </Form>
    </section>
  );
}

/** A group of fields shows what is wrong at one of them. */
const placeOf = (name: string): FieldPath => (name === "contact" ? ["contact", "at"] : [name]);

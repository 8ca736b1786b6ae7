import { Alert, Button, Form, type FormInstance } from "antd";
import i18next from "i18next";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { words } from "../../app/words";
import { fieldErrors } from "./fieldErrors";
import { useLeaveGuard } from "./useLeaveGuard";

interface Props<T extends object> {
  form?: FormInstance<T>;
  initial: Partial<T>;
  /** `initial` holds what is not saved yet. */
  changed?: boolean;
  /** Names of the fields, so that a refusal shows where it belongs. */
  fields: readonly (keyof T & string)[];
  /** Which field an error id means, such as `user.username_taken`. */
  owner?: Record<string, keyof T & string>;
  /** Rejects with a Problem where the service refuses. */
  onSave: (values: T) => Promise<unknown>;
  onCancel?: () => void;
  submit?: string;
  children: ReactNode;
}

/** A form over one route: errors at their fields, a question before unsaved changes are left. */
export function ServiceForm<T extends object>(props: Props<T>) {
  const { form: given, initial, changed = false, fields, owner, onSave, onCancel, submit, children } = props;
  const { t } = useTranslation();
  const [own] = Form.useForm<T>();
  const form = given ?? own;
  const [dirty, setDirty] = useState(changed);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  useLeaveGuard(dirty && !busy);

  async function save(values: T) {
    setBusy(true);
    setRefused(null);
    try {
      await onSave(values);
      setDirty(false);
    } catch (error) {
      const mapped = fieldErrors(error, fields, sayField, owner);
      form.setFields(mapped.fields as Parameters<FormInstance<T>["setFields"]>[0]);
      if (mapped.fields[0]) form.scrollToField(mapped.fields[0].name, { focus: true });
      if (mapped.rest) setRefused(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Form<T>
      form={form}
      layout="vertical"
      initialValues={initial}
      scrollToFirstError={{ focus: true }}
      onValuesChange={() => setDirty(true)}
      onFinish={save}
    >
      {refused !== null && <Alert type="error" showIcon role="alert" title={words(refused)} className="form-note" />}
      {children}
      <div className="form-buttons">
        <Button type="primary" htmlType="submit" loading={busy} data-testid="form-save">
          {submit ?? t("common.save")}
        </Button>
        {onCancel && <Button onClick={onCancel}>{t("common.cancel")}</Button>}
      </div>
    </Form>
  );
}

/** A refusal's own words where the pages know them; else what the service says of the value. */
function sayField(what: string, errorId: string): string {
  if (what === "") return i18next.exists(`problem.${errorId}`) ? i18next.t(`problem.${errorId}`) : errorId;
  return i18next.t("form.invalid", { what });
}

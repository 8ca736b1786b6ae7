import { Checkbox, Form, Input, InputNumber, Radio, Select } from "antd";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { CaseView } from "../../api/types";
import { CitePicker } from "../../knowledge/CitePicker";
import { answerOf, askedIn } from "../../knowledge/requests/answer";
import { FollowUpItem } from "../../knowledge/requests/FollowUpField";
import { ContactFields } from "./ContactFields";
import { type FieldSpec, isNeeded, type PersonAction, type Values } from "./forms";
import { AssignmentPicker, CallPicker, ItemPicker, MomentPicker, PersonPicker, UnitPicker } from "./pickers";
import { useSaid } from "./useSaid";

interface Props {
  action: PersonAction;
  spec: FieldSpec;
  values: Values;
  view: CaseView;
}

/** One field of an action's form. */
export function ActionField({ action, spec, values, view }: Props) {
  const { t } = useTranslation();
  const { label } = useSaid(view);
  const { name, kind } = spec;
  const required = isNeeded(spec, values, view);
  const title = label(action, name);
  if (kind === "contact") return <ContactFields title={title} values={values} />;
  if (kind === "follow_up") {
    // A direct answer is the draft's; of a reply the agent sees what it begins with.
    const own = action === "close" && { proposal: view.confidential ? "" : answerOf(view) };
    return <FollowUpItem question={askedIn(view)} {...own} />;
  }
  if (kind === "check") {
    const ticked = { validator: (_: unknown, value: unknown) => (value === true ? Promise.resolve() : Promise.reject(new Error(t("form.required")))) };
    return (
      <Form.Item name={name} valuePropName="checked" rules={required ? [ticked] : []}>
        <Checkbox data-testid={`field-${name}`}>{title}</Checkbox>
      </Form.Item>
    );
  }
  const given = { required: true, message: t("form.required") };
  // A rule that so much as names `whitespace` takes every value for a text, and refuses an answer of yes.
  const rules = required ? [kind === "text" || kind === "line" ? { ...given, whitespace: true } : given] : [];
  return (
    <Form.Item name={name} label={title} rules={rules}>
      <Control action={action} spec={spec} view={view} />
    </Form.Item>
  );
}

/** The control itself; a form's item hands it id, value and onChange. */
function Control({ action, spec, view, ...control }: Omit<Props, "values">): ReactElement {
  const { t } = useTranslation();
  const { name, kind, max, options = [], states = [], required = false } = spec;
  const testId = `field-${name}`;
  switch (kind) {
    case "text":
      return <Input.TextArea {...control} maxLength={max} autoSize={{ minRows: 2, maxRows: 10 }} data-testid={testId} />;
    case "line":
      return <Input {...control} maxLength={max} autoComplete="off" data-testid={testId} />;
    case "yesno":
      return (
        <Radio.Group {...control} data-testid={testId}>
          <Radio value={true}>{t("casePage.value.yes")}</Radio>
          <Radio value={false}>{t("casePage.value.no")}</Radio>
        </Radio.Group>
      );
    case "choice":
      return (
        <Select
          {...control}
          allowClear={!required && spec.initial === undefined}
          options={options.map((value) => ({ value, label: t(`casePage.value.${spec.words ?? name}.${value}`) }))}
          data-testid={testId}
        />
      );
    case "days":
      return <InputNumber {...control} min={1} max={10} precision={0} data-testid={testId} />;
    case "moment":
      return <MomentPicker {...control} />;
    case "unit":
      return <UnitPicker<string> {...control} testId={testId} />;
    case "units":
      return <UnitPicker<string[]> {...control} multiple below={spec.below ? ownUnits(view) : undefined} testId={testId} />;
    case "item":
      return <ItemPicker {...control} />;
    case "assignment":
      return <AssignmentPicker {...control} view={view} states={states} helping={required} />;
    case "call":
      return <CallPicker {...control} view={view} />;
    case "knowledge":
      return <CitePicker {...control} about={{ title: view.title, content: view.content, item_id: view.item_id }} />;
    case "person":
      return <PersonPicker {...control} view={view} />;
    default:
      throw new Error(`${action}.${name}: ${kind} has no control of its own`);
  }
}

const ownUnits = (view: CaseView) => view.assignments.filter(({ own }) => own).map(({ unit_id: id }) => id);

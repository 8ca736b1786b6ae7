import { useQuery } from "@tanstack/react-query";
import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { FormDialog } from "../../ui/FormDialog";
import { asTree, treeOptions } from "../../ui/table/tree";
import { loadUnits, UNITS } from "../../units/units";
import { EntrySelect } from "./EntrySelect";
import type { RequestAction, RequestStep } from "./requests";

interface Props {
  action: RequestAction;
  why: boolean;
  onSend: (said: RequestStep) => Promise<unknown>;
  onClose: () => void;
}

/** What a step needs besides its button: why, to which unit, or by which entry. */
export function StepDialog({ action, why, onSend, onClose }: Props) {
  const { t } = useTranslation();
  const units = useQuery({ queryKey: [...UNITS, "all"], queryFn: () => loadUnits(), enabled: action === "pass_on" });
  const needed = [{ required: true, message: t("form.required") }];
  return (
    <FormDialog<RequestStep>
      title={t(`requests.action.${action}`)}
      text={t(`requests.actionText.${action}`)}
      okText={t(`requests.action.${action}`)}
      okTestId="request-confirm"
      onSend={onSend}
      onClose={onClose}
    >
      {action === "pass_on" && (
        <Form.Item name="unit_id" label={t("requests.unit")} rules={needed}>
          <Select showSearch={{ optionFilterProp: "label" }} options={treeOptions(asTree(units.data ?? []))} data-testid="request-unit" />
        </Form.Item>
      )}
      {action === "refer" && (
        <Form.Item name="entry_id" label={t("requests.entry")} rules={needed}>
          <EntrySelect />
        </Form.Item>
      )}
      {why && (
        <Form.Item name="reason" label={t("confirm.reason")} rules={[{ required: true, whitespace: true, message: t("confirm.needReason") }]}>
          <Input.TextArea rows={3} maxLength={2000} data-testid="request-reason" />
        </Form.Item>
      )}
    </FormDialog>
  );
}

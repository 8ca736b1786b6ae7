import { useQuery } from "@tanstack/react-query";
import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { FormDialog } from "../ui/FormDialog";
import { asTree, treeOptions } from "../ui/table/tree";
import { loadUnits, UNITS } from "../units/units";
import { actOnEntry, type EntryView } from "./knowledge";

interface Props {
  view: EntryView;
  onDone: (after: EntryView) => Promise<void>;
  onClose: () => void;
}

/** Another unit answers for the entry, or the hotline itself. */
export function ReassignDialog({ view, onDone, onClose }: Props) {
  const { t } = useTranslation();
  const units = useQuery({ queryKey: [...UNITS, "all"], queryFn: () => loadUnits() });
  return (
    <FormDialog<{ unit_id: string | null; reason: string }>
      title={t("knowledge.action.reassign")}
      text={t("knowledge.actionText.reassign")}
      okText={t("knowledge.action.reassign")}
      okTestId="reassign-confirm"
      initial={{ unit_id: view.unit_id }}
      onSend={async (said) => onDone(await actOnEntry(view, "reassign", said))}
      onClose={onClose}
    >
      <Form.Item name="unit_id" label={t("knowledge.unit")}>
        <Select
          showSearch={{ optionFilterProp: "label" }}
          options={[{ value: null, label: t("knowledge.hotline") }, ...treeOptions(asTree(units.data ?? []))]}
          data-testid="reassign-unit"
        />
      </Form.Item>
      <Form.Item name="reason" label={t("confirm.reason")} rules={[{ required: true, whitespace: true, message: t("confirm.needReason") }]}>
        <Input.TextArea rows={3} maxLength={500} data-testid="reassign-reason" />
      </Form.Item>
    </FormDialog>
  );
}

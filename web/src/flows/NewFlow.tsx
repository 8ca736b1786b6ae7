import { useQueryClient } from "@tanstack/react-query";
import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { FormDialog } from "../ui/FormDialog";
import { createFlow, FLOWS, type FlowSummary } from "./flows";

interface Entered {
  id: string;
  title: string;
  copy_of: string;
}

/** A flow begins as a copy of another one. */
export function NewFlow({ flows, onClose }: { flows: FlowSummary[]; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  async function create(entered: Entered) {
    await createFlow(entered);
    await client.invalidateQueries({ queryKey: FLOWS });
    void navigate(`/flows/${entered.id}`);
  }
  return (
    <FormDialog<Entered>
      title={t("flows.new")}
      text={t("flows.newText")}
      okText={t("flows.create")}
      okTestId="flow-create"
      initial={{ copy_of: flows[0]?.id ?? "" }}
      onSend={create}
      onClose={onClose}
    >
      <Form.Item name="title" label={t("flows.title")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
        <Input maxLength={200} data-testid="flow-title" />
      </Form.Item>
      <Form.Item
        name="id"
        label={t("flows.id")}
        extra={t("flows.idHint")}
        rules={[{ required: true, pattern: /^[a-z][a-z0-9-]{0,63}$/, message: t("flows.idHint") }]}
      >
        <Input maxLength={64} data-testid="flow-id" />
      </Form.Item>
      <Form.Item name="copy_of" label={t("flows.copyOf")}>
        <Select options={flows.map(({ id, title }) => ({ value: id, label: title || id }))} />
      </Form.Item>
    </FormDialog>
  );
}

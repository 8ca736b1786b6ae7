import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { ServiceForm } from "../ui/form/ServiceForm";
import { SideDrawer } from "../ui/SideDrawer";
import { type Agent, AGENTS, useQueues } from "./agents";
import { useEdit } from "./useEdit";

type Desks = Pick<Agent, "queues" | "wrap_up_seconds">;
type Draft = Desks & { number: string; username: string };

export function NewAgent({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const edit = useEdit(AGENTS);
  return (
    <SideDrawer open={open} title={t("agents.add")} onClose={onClose} testId="agent-form">
      <ServiceForm<Draft>
        initial={{ queues: [{ queue: "enterprise", penalty: 0 }], wrap_up_seconds: 30 }}
        fields={["number", "username", "queues", "wrap_up_seconds"]}
        owner={{ "agent.taken": "number", "agent.number_in_use": "number", "agent.no_workspace_user": "username" }}
        onSave={async (body) => {
          await edit(unwrap(api.POST("/api/agents", { body })));
          onClose();
        }}
        onCancel={onClose}
      >
        <Form.Item name="username" label={t("agents.username")} extra={t("agents.usernameHint")} rules={[{ required: true, message: t("form.required") }]}>
          <Input maxLength={64} autoCapitalize="none" spellCheck={false} />
        </Form.Item>
        <Form.Item
          name="number"
          label={t("agents.number")}
          extra={t("agents.numberHint")}
          rules={[{ required: true, pattern: /^\d{2,10}$/, message: t("agents.numberRule") }]}
        >
          <Input maxLength={10} inputMode="numeric" />
        </Form.Item>
        <WorkspaceFields />
      </ServiceForm>
    </SideDrawer>
  );
}

export function AgentDesks({ agent }: { agent: Agent }) {
  const edit = useEdit(AGENTS);
  const path = { number: agent.number };
  return (
    <ServiceForm<Desks>
      key={agent.number}
      initial={{ queues: agent.queues, wrap_up_seconds: agent.wrap_up_seconds }}
      fields={["queues", "wrap_up_seconds"]}
      onSave={(body) => edit(unwrap(api.PUT("/api/agents/{number}", { params: { path }, body })))}
    >
      <WorkspaceFields />
    </ServiceForm>
  );
}

function WorkspaceFields() {
  const { t } = useTranslation();
  const { queues, label } = useQueues();
  return (
    <>
      <Form.List name="queues">
        {(fields, { add, remove }) => (
          <fieldset className="field-group">
            <legend>{t("agents.queues")}</legend>
            <p className="quiet">{t("agents.penaltyHint")}</p>
            {fields.map((field) => (
              <div key={field.key} className="field-row">
                <Form.Item name={[field.name, "queue"]} rules={[{ required: true, message: t("form.required") }]} className="grow">
                  <Select aria-label={t("agents.queue")} options={queues.map(({ name }) => ({ value: name, label: label(name) }))} />
                </Form.Item>
                <Form.Item name={[field.name, "penalty"]}>
                  <InputNumber min={0} max={100} precision={0} prefix={t("agents.penalty")} aria-label={t("agents.penalty")} />
                </Form.Item>
                <Button
                  type="text"
                  icon={<DeleteOutlined />}
                  aria-label={t("admin.remove")}
                  disabled={fields.length === 1}
                  onClick={() => remove(field.name)}
                />
              </div>
            ))}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({ penalty: 0 })} disabled={fields.length >= queues.length}>
              {t("agents.addQueue")}
            </Button>
          </fieldset>
        )}
      </Form.List>
      <Form.Item name="wrap_up_seconds" label={t("agents.wrapUp")} extra={t("agents.wrapUpHint")}>
        <InputNumber min={0} max={1800} precision={0} suffix={t("agents.secondsWord")} />
      </Form.Item>
    </>
  );
}

import { Button, Checkbox, Form, Input } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog } from "../ui/FormDialog";
import { Moment } from "../ui/Moment";
import { StatusTag } from "../ui/StatusTag";
import { useMinute } from "../ui/useNow";
import { isLate, SUPERVISION, TASK_TONES, type SupervisionAction, type SupervisionTask } from "./supervision";
import { actOn } from "./supervisionApi";
import "./supervision.css";

export function TaskState({ task }: { task: SupervisionTask }) {
  const { t } = useTranslation();
  return <StatusTag tone={TASK_TONES[task.state]}>{t(`supervision.state.${task.state}`)}</StatusTag>;
}

/** By when the unit is to have done it; past it, in words too. */
export function TaskDue({ task }: { task: SupervisionTask }) {
  const { t } = useTranslation();
  const late = isLate(task, useMinute());
  return (
    <span className="task-due">
      {late && <StatusTag tone="red">{t("supervision.late")}</StatusTag>} <Moment iso={task.due_at} />
    </span>
  );
}

/** One task whole: what is asked, what was reported and found, and what the viewer may do now. */
export function TaskDetail({ task }: { task: SupervisionTask }) {
  const { t } = useTranslation();
  const [acting, setActing] = useState<SupervisionAction | null>(null);
  const step = (key: string, text: string, who: string, at: string | null) =>
    (text !== "" || at !== null) && (
      <div>
        <dt>{t(`supervision.${key}`)}</dt>
        <dd>
          {text}
          <span className="quiet task-said">
            {who} {at && <Moment iso={at} />}
          </span>
        </dd>
      </div>
    );
  return (
    <div className="task" data-testid={`task-${task.id}`}>
      <p className="task-head">
        <strong>{task.unit_name}</strong> <TaskState task={task} /> <TaskDue task={task} />
      </p>
      <dl>
        {step("demand", task.demand, task.issued_by_name || t(`supervision.cause.${task.cause}`), task.issued_at)}
        {step("report", task.report, "", task.reported_at)}
        {step("review", task.review, task.reviewed_by_name, task.reviewed_at)}
        {step("done", "", "", task.done_at)}
      </dl>
      {task.actions.length > 0 && (
        <div className="task-actions">
          {task.actions.map((action) => (
            <Button key={action} type={action === "send_back" ? "default" : "primary"} onClick={() => setActing(action)} data-testid={`task-${action}`}>
              {t(`supervision.action.${action}`)}
            </Button>
          ))}
        </div>
      )}
      {acting && <ActDialog task={task} action={acting} onClose={() => setActing(null)} />}
    </div>
  );
}

interface Said {
  text: string;
  unanswered?: boolean;
}

function ActDialog({ task, action, onClose }: { task: SupervisionTask; action: SupervisionAction; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const review = task.case_number === null;
  async function act({ text, unanswered = false }: Said) {
    try {
      await actOn(task, action, { text: text.trim(), unanswered });
    } finally {
      // Refused, too: most often somebody else was first.
      await client.invalidateQueries({ queryKey: SUPERVISION });
    }
  }
  return (
    <FormDialog<Said>
      title={t(`supervision.action.${action}`)}
      text={t(review && (action === "ask_withdrawal" || action === "review") ? `supervision.reviewHint.${action}` : `supervision.hint.${action}`)}
      okText={t(`supervision.action.${action}`)}
      okTestId="task-confirm"
      onSend={act}
      onClose={onClose}
    >
      <Form.Item name="text" label={t(`supervision.text.${action}`)} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
        <Input.TextArea rows={4} maxLength={4000} data-testid="task-text" />
      </Form.Item>
      {action === "review" && (
        <Form.Item name="unanswered" valuePropName="checked">
          <Checkbox>{t(review ? "supervision.unreviewed" : "supervision.unanswered")}</Checkbox>
        </Form.Item>
      )}
    </FormDialog>
  );
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import type { CaseView, SessionUser } from "../api/types";
import { MomentPicker } from "../cases/page/pickers";
import { Failed } from "../ui/Failed";
import { FormDialog } from "../ui/FormDialog";
import { Moment } from "../ui/Moment";
import { newId } from "../ui/newId";
import { EnterDialog } from "./EnterDialog";
import { StrikeOffDialog } from "./Ledger";
import { LEDGER, mayIssue, mayKeepLedger, SUPERVISION, usualDue } from "./supervision";
import { entryOf, tasksOf } from "./supervisionApi";
import "./supervision.css";
import { TaskDetail } from "./TaskDetail";

/** The case's supervision tasks and its entry in the ledger; nothing where there is neither, and nothing to begin. */
export function CaseSupervision({ view, user }: { view: CaseView; user: SessionUser }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<"issue" | "enter" | "strike" | null>(null);
  const tasks = useQuery({ queryKey: [...SUPERVISION, "case", view.id], queryFn: () => tasksOf(view.id) });
  const entry = useQuery({ queryKey: [...LEDGER, "case", view.id], queryFn: () => entryOf(view.id) });
  const rows = tasks.data?.items ?? [];
  const issues = mayIssue(user) && view.assignments.length > 0;
  const keeps = mayKeepLedger(user) && view.state !== "draft";
  const error = tasks.error ?? entry.error;
  if (rows.length === 0 && !entry.data && !issues && !keeps && error === null) return null;
  const close = () => setAsking(null);
  return (
    <section className="case-card" aria-labelledby="case-supervision" data-testid="case-supervision">
      <h2 id="case-supervision">
        <Link to="/supervision">{t("section.supervision")}</Link>
      </h2>
      {error !== null && <Failed error={error} onRetry={() => void Promise.all([tasks.refetch(), entry.refetch()])} />}
      {rows.map((task) => (
        <TaskDetail key={task.id} task={task} />
      ))}
      {entry.data && (
        <p className="ledger-line" data-testid="case-ledger">
          <Link to="/supervision?tab=ledger">{t("ledger.standsIn")}</Link> {entry.data.reason}{" "}
          <span className="quiet">
            {entry.data.planned_for && t("ledger.plannedFor", { day: entry.data.planned_for })} <Moment iso={entry.data.entered_at} />
          </span>
        </p>
      )}
      <div className="task-actions">
        {issues && (
          <Button size="small" onClick={() => setAsking("issue")} data-testid="supervise">
            {t("supervision.issue")}
          </Button>
        )}
        {keeps && entry.data === null && (
          <Button size="small" onClick={() => setAsking("enter")} data-testid="ledger-enter">
            {t("ledger.enter")}
          </Button>
        )}
        {keeps && entry.data && (
          <Button size="small" onClick={() => setAsking("strike")} data-testid="ledger-strike">
            {t("ledger.strike")}
          </Button>
        )}
      </div>
      {asking === "issue" && <IssueDialog view={view} onClose={close} />}
      {asking === "enter" && <EnterDialog caseId={view.id} onClose={close} />}
      <StrikeOffDialog entry={asking === "strike" ? (entry.data ?? null) : null} onClose={close} />
    </section>
  );
}

interface Issued {
  unit_id: string;
  demand: string;
  due_at: string;
}

function IssueDialog({ view, onClose }: { view: CaseView; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [id] = useState(newId);
  const [now] = useState(() => Date.now());
  const units = new Map(view.assignments.map((one) => [one.unit_id, one.unit_name]));
  const required = [{ required: true, whitespace: true, message: t("form.required") }];
  async function issue(entered: Issued) {
    await unwrap(api.POST("/api/supervision-tasks", { body: { ...entered, id, case_id: view.id } }));
    await client.invalidateQueries({ queryKey: SUPERVISION });
  }
  return (
    <FormDialog<Issued>
      title={t("supervision.issue")}
      text={t("supervision.issueText")}
      okText={t("supervision.issue")}
      okTestId="issue-confirm"
      initial={{ unit_id: view.lead_unit_id ?? view.assignments[0]?.unit_id, due_at: usualDue(now) }}
      onSend={issue}
      onClose={onClose}
    >
      <Form.Item name="unit_id" label={t("supervision.unit")} rules={required}>
        <Select options={[...units].map(([value, label]) => ({ value, label }))} data-testid="issue-unit" />
      </Form.Item>
      <Form.Item name="demand" label={t("supervision.demand")} rules={required}>
        <Input.TextArea rows={3} maxLength={4000} data-testid="issue-demand" />
      </Form.Item>
      <Form.Item name="due_at" label={t("supervision.due")} rules={required}>
        <MomentPicker />
      </Form.Item>
    </FormDialog>
  );
}

import { Alert, App, Button, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { words } from "../app/words";
import { useLeaveGuard } from "../ui/form/useLeaveGuard";
import type { FlowView } from "./flows";
import { ProblemList } from "./ProblemList";
import { PublishDialog } from "./PublishDialog";
import { TextEditor } from "./TextEditor";
import { useFlowDraft } from "./useFlowDraft";

/** The draft: edited, checked as one goes, saved, published. */
export function FlowEditor({ flow, canWrite }: { flow: FlowView; canWrite: boolean }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const draft = useFlowDraft(flow);
  const [publishing, setPublishing] = useState(false);
  const [line, setLine] = useState(0);
  useLeaveGuard(draft.dirty && !draft.saving);
  const errors = draft.problems.filter((problem) => problem.severity === "error").length;

  async function save(): Promise<boolean> {
    try {
      await draft.save();
      return true;
    } catch (error) {
      void message.error(words(error));
      return false;
    }
  }
  return (
    <section className="flow-editor" aria-label={t("flows.tab.draft")}>
      {canWrite && (
        <Space wrap className="flow-bar">
          <Button type="primary" disabled={!draft.dirty} loading={draft.saving} onClick={() => void save()} data-testid="draft-save">
            {t("flows.save")}
          </Button>
          <Button
            disabled={draft.dirty || errors > 0 || !flow.draft_changed}
            onClick={() => setPublishing(true)}
            data-testid="flow-publish"
          >
            {t("flows.publish")}
          </Button>
          {draft.dirty && (
            <Button onClick={draft.discard} data-testid="draft-discard">
              {t("flows.discard")}
            </Button>
          )}
          <span className="quiet" role="status">
            {t(draft.dirty ? "flows.notSaved" : flow.draft_changed ? "flows.saved" : "flows.likeLive")}
          </span>
        </Space>
      )}
      {draft.overtaken && (
        <Alert
          type="warning"
          showIcon
          role="alert"
          data-testid="draft-overtaken"
          title={t("flows.overtaken", { name: draft.overtaken.by })}
          description={
            draft.overtaken.both.length > 0
              ? t("flows.overtakenBoth", { parts: draft.overtaken.both.join("、") })
              : t("flows.overtakenMerged")
          }
        />
      )}
      <ProblemList problems={draft.problems} onGo={(problem) => setLine(problem.line)} />
      <TextEditor text={draft.text} readOnly={!canWrite} line={line} onChange={(text) => draft.edit({ text })} />
      {publishing && <PublishDialog flow={flow} onClose={() => setPublishing(false)} />}
    </section>
  );
}

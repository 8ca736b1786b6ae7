import { Alert, App, Button, Space } from "antd";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { words } from "../app/words";
import { useLeaveGuard } from "../ui/form/useLeaveGuard";
import { LinkTabs } from "../ui/LinkTabs";
import { useNarrow } from "../ui/useNarrow";
import type { FlowView } from "./flows";
import type { ShownNode } from "./graph/FlowGraphEditor";
import { ProblemList } from "./ProblemList";
import { PublishDialog } from "./PublishDialog";
import { marksOf, type SimulatedCall } from "./simulation/simulation";
import { SimulationPanel } from "./simulation/SimulationPanel";
import { TextEditor } from "./TextEditor";
import { useFlowDraft } from "./useFlowDraft";

const FlowGraphEditor = lazy(() => import("./graph/FlowGraphEditor"));

const FORMS = ["graph", "list", "text"] as const;

/** The draft: edited, checked as one goes, saved, published. */
export function FlowEditor({ flow, canWrite }: { flow: FlowView; canWrite: boolean }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const draft = useFlowDraft(flow);
  const [publishing, setPublishing] = useState(false);
  const [shown, setShown] = useState<(ShownNode & { line?: number }) | null>(null);
  const [trying, setTrying] = useState(false);
  const [call, setCall] = useState<SimulatedCall | null>(null);
  const marks = useMemo(() => (call ? marksOf(call) : undefined), [call]);
  const [params] = useSearchParams();
  const narrow = useNarrow();
  const form = FORMS.find((each) => each === params.get("form")) ?? (narrow ? "list" : "graph");
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
  const panel = trying ? (
    <SimulationPanel
      id={flow.id}
      document={draft.document}
      canWrite={canWrite}
      readable={draft.readable}
      call={call}
      onCall={setCall}
      onGo={(node) => setShown({ node })}
      onChange={(document) => draft.edit({ document })}
      onClose={() => {
        setTrying(false);
        setCall(null);
      }}
    />
  ) : undefined;
  return (
    <section className="flow-editor" aria-label={t("flows.tab.draft")}>
      <Space wrap className="flow-bar">
        {canWrite && (
          <>
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
          </>
        )}
        <Button onClick={() => setTrying(true)} disabled={trying} data-testid="simulation-open">
          {t("flowSimulation.open")}
        </Button>
        {draft.dirty && (
          <Button onClick={draft.discard} data-testid="draft-discard">
            {t("flows.discard")}
          </Button>
        )}
        {canWrite && (
          <span className="quiet" role="status">
            {t(draft.dirty ? "flows.notSaved" : flow.draft_changed ? "flows.saved" : "flows.likeLive")}
          </span>
        )}
      </Space>
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
      <ProblemList problems={draft.problems} onGo={(problem) => setShown({ ...problem })} />
      <LinkTabs
        label={t("flows.formOf")}
        open={form}
        tabs={FORMS.map((name) => ({ name, to: `/flows/${flow.id}?form=${name}`, title: t(`flows.form.${name}`) }))}
      />
      {form === "text" ? (
        <TextEditor
          text={draft.text}
          readOnly={!canWrite}
          line={shown?.line ?? 0}
          onChange={(text) => draft.edit({ text })}
        />
      ) : (
        <Suspense fallback={<div aria-busy="true" />}>
          {!draft.readable && <Alert type="warning" showIcon title={t("flows.textFirst")} />}
          <FlowGraphEditor
            document={draft.document}
            problems={draft.problems}
            readOnly={!canWrite || !draft.readable}
            view={form}
            shown={shown}
            marks={marks}
            beside={panel}
            onChange={(document) => draft.edit({ document })}
          />
        </Suspense>
      )}
      {form === "text" && panel}
      {publishing && <PublishDialog flow={flow} onClose={() => setPublishing(false)} />}
    </section>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { words } from "../app/words";
import { MomentPicker } from "../cases/page/pickers";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { FormDialog } from "../ui/FormDialog";
import { CitingNote } from "./CitingCases";
import { actOnEntry, type EntryStepAction, type EntryView, KNOWLEDGE, type KnowledgeAction, reviseEntry } from "./knowledge";
import { ReassignDialog } from "./ReassignDialog";

interface Props {
  view: EntryView;
  onEdit: (view: EntryView) => void;
  onDone: (after: EntryView) => Promise<void>;
}

/** What is done with a word why. */
const WITH_REASON: ReadonlySet<KnowledgeAction> = new Set(["send_back", "withdraw", "discard"]);
const NEXT: ReadonlySet<KnowledgeAction> = new Set(["submit", "approve", "publish"]);

/** The reader's next step first; what is not possible yet says why. */
export function EntryActions({ view, onEdit, onDone }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [asking, setAsking] = useState<EntryStepAction | null>(null);
  const [busy, setBusy] = useState<KnowledgeAction | null>(null);

  async function act(action: KnowledgeAction) {
    if (action === "save") return onEdit(view);
    if (action !== "revise" && (WITH_REASON.has(action) || action === "publish" || action === "reassign")) return setAsking(action);
    setBusy(action);
    try {
      const after = action === "revise" ? await reviseEntry(view) : await actOnEntry(view, action, {});
      await onDone(after);
      if (action === "revise") onEdit(after);
    } catch (error) {
      void message.error(words(error));
      // Overtaken by somebody else, perhaps.
      await client.invalidateQueries({ queryKey: KNOWLEDGE });
    } finally {
      setBusy(null);
    }
  }
  return (
    <section className="entry-card" aria-labelledby="entry-actions" data-testid="entry-actions">
      <h2 id="entry-actions">{t("knowledge.next")}</h2>
      <div className="entry-actions">
        {[...view.offers].sort((one, other) => Number(NEXT.has(other.action)) - Number(NEXT.has(one.action))).map(({ action, refused_by: refused }) => (
          <div key={action}>
            <Button
              block
              type={NEXT.has(action) && refused === null ? "primary" : "default"}
              danger={action === "withdraw" || action === "discard"}
              disabled={refused !== null}
              loading={busy === action}
              onClick={() => void act(action)}
              data-testid={`entry-${action}`}
            >
              {t(`knowledge.action.${action}`)}
            </Button>
            {refused !== null && (
              <span className="quiet">
                {t(`knowledge.refused.${refused}`, {
                  fields: view.missing.map((name) => t(`knowledge.${name.includes(".") ? name : `field.${name}`}`)).join(t("home.and")),
                })}
              </span>
            )}
          </div>
        ))}
      </div>
      <ConfirmWithReason
        open={asking !== null && WITH_REASON.has(asking)}
        title={asking ? t(`knowledge.action.${asking}`) : ""}
        text={asking ? t(`knowledge.actionText.${asking}`) : ""}
        okText={asking ? t(`knowledge.action.${asking}`) : ""}
        danger={asking === "withdraw" || asking === "discard"}
        askReason
        onConfirm={async (reason) => {
          if (asking) await onDone(await actOnEntry(view, asking, { reason }));
        }}
        onClose={() => setAsking(null)}
      />
      {asking === "reassign" && <ReassignDialog view={view} onDone={onDone} onClose={() => setAsking(null)} />}
      {asking === "publish" && (
        <FormDialog<{ publish_at?: string }>
          title={t("knowledge.action.publish")}
          text={t("knowledge.actionText.publish")}
          okText={t("knowledge.action.publish")}
          okTestId="publish-confirm"
          onSend={async ({ publish_at }) => onDone(await actOnEntry(view, "publish", publish_at ? { publish_at } : {}))}
          onClose={() => setAsking(null)}
        >
          <CitingNote view={view} />
          <Form.Item name="publish_at" label={t("knowledge.publishAt")} extra={t("knowledge.publishAtHint")}>
            <MomentPicker />
          </Form.Item>
        </FormDialog>
      )}
    </section>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { Problem } from "../api/problem";
import type { CaseFields, CaseView, SimilarCase } from "../api/types";
import { LinkDialog, type LinkEntered } from "../cases/LinkDialog";
import { RepeatDialog } from "../cases/RepeatDialog";
import { Similar } from "../cases/Similar";
import { newId } from "../ui/newId";
import { wanted } from "./draft";
import type { Keeper } from "./keeper";
import { refreshScreenPop } from "./popState";

interface Props {
  keeper: Keeper;
  fields: CaseFields;
  onStrict: () => void;
}

/** Similar cases beside the draft: the caller hears the progress instead of a new case, or the draft follows the other. */
export function SimilarToDraft({ keeper, fields, onStrict }: Props) {
  const { t, i18n } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [dialog, setDialog] = useState<{ kind: "repeat" | "link"; one: SimilarCase } | null>(null);

  function done(view: CaseView | null) {
    if (view !== null) keeper.took(view);
    refreshScreenPop();
    void client.invalidateQueries({ queryKey: ["similar"] });
    void client.invalidateQueries({ queryKey: ["drafts"] });
  }

  /** The draft as the server has it; null where nothing was written. */
  async function saved(): Promise<CaseView | null> {
    if (!(await keeper.flush())) throw new Problem(0, "network.unreachable", "");
    return keeper.draft.base;
  }

  async function close(one: SimilarCase) {
    const base = await saved();
    const params = { path: { case_id: base?.id ?? "" } };
    const body = base && { master_id: one.id, version: base.version, request_id: newId() };
    done(body && (await unwrap(api.POST("/api/cases/{case_id}/close-as-repeat", { params, body }))));
    void message.success(t("similar.noted", { number: one.spoken_number }));
  }

  async function link(one: SimilarCase, entered: LinkEntered) {
    const base = await saved();
    if (base === null) throw new Problem(422, "case.incomplete", "");
    const params = { path: { case_id: base.id } };
    const body = { ...entered, master_id: one.id, version: base.version, request_id: newId() };
    done(await unwrap(api.POST("/api/cases/{case_id}/link-duplicate", { params, body })));
    void message.success(t("similar.linked", { number: one.spoken_number }));
  }

  function startLink(one: SimilarCase) {
    const missing = wanted(fields);
    if (missing.length === 0) return setDialog({ kind: "link", one });
    onStrict();
    const names = missing.map((field) => t(`case.fields.${field}`)).join(i18n.language === "en" ? ", " : "、");
    void message.warning(t("case.missing", { fields: names }));
  }
  const { base } = keeper.draft;
  const asDraft = base === null || base.state === "draft";
  return (
    <>
      <Similar
        fields={fields}
        caseId={base?.id ?? null}
        callId={keeper.subject.callId}
        actions={
          asDraft
            ? (one) => (
                <>
                  <Button size="small" onClick={() => setDialog({ kind: "repeat", one })} data-testid="similar-repeat">
                    {t("similar.repeat")}
                  </Button>
                  {!fields.confidential && (
                    <Button size="small" onClick={() => startLink(one)} data-testid="similar-link">
                      {t("similar.link")}
                    </Button>
                  )}
                </>
              )
            : undefined
        }
      />
      {dialog?.kind === "repeat" && (
        <RepeatDialog one={dialog.one} callId={keeper.subject.callId} onNoted={() => close(dialog.one)} onClose={() => setDialog(null)} />
      )}
      {dialog?.kind === "link" && (
        <LinkDialog number={dialog.one.spoken_number} onLink={(entered) => link(dialog.one, entered)} onClose={() => setDialog(null)} />
      )}
    </>
  );
}

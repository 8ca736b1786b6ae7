import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { CaseView, SimilarCase } from "../../api/types";
import { newId } from "../../ui/newId";
import { Cluster } from "../Cluster";
import { LinkDialog, type LinkEntered } from "../LinkDialog";
import { Similar } from "../Similar";

/** What the case follows or what follows it, and, for whoever may link it, open cases like it. */
export function Related({ view, onDone }: { view: CaseView; onDone: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [chosen, setChosen] = useState<SimilarCase | null>(null);
  const may = view.state !== "draft" && view.offers.some(({ action, allowed }) => action === "link_duplicate" && allowed);

  async function link(one: SimilarCase, entered: LinkEntered) {
    const body = { ...entered, master_id: one.id, version: view.version, request_id: newId() };
    await unwrap(api.POST("/api/cases/{case_id}/link-duplicate", { params: { path: { case_id: view.id } }, body }));
    void message.success(t("similar.linked", { number: one.spoken_number }));
    onDone();
  }
  return (
    <>
      <Cluster view={view} onDone={onDone} />
      {may && (
        <Similar
          fields={view}
          caseId={view.id}
          callId={null}
          actions={(one) => (
            <Button size="small" onClick={() => setChosen(one)} data-testid="similar-link">
              {t("similar.link")}
            </Button>
          )}
        />
      )}
      {chosen && <LinkDialog number={chosen.spoken_number} onLink={(entered) => link(chosen, entered)} onClose={() => setChosen(null)} />}
    </>
  );
}

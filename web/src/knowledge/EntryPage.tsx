import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { isProblem } from "../api/problem";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { SUPERVISION } from "../supervision/supervision";
import { EmptyState } from "../ui/EmptyState";
import { Failed } from "../ui/Failed";
import { PageHead } from "../ui/PageHead";
import { fullMoment } from "../ui/time";
import { CitingCases } from "./CitingCases";
import { EntryActions } from "./EntryActions";
import { EntryEditor } from "./EntryEditor";
import { EntryFiles } from "./EntryFiles";
import { EntrySupervision } from "./EntrySupervision";
import { EntryTags } from "./EntryTags";
import { EntryText } from "./EntryText";
import { type EntryView, KNOWLEDGE, loadEntry } from "./knowledge";
import { AskAboutEntry } from "./requests/AskAboutEntry";
import { StarButton } from "./StarButton";
import { Versions } from "./Versions";

/** One entry: what it says, and for those who keep it, its revision, its next step and its versions. */
export function EntryPage({ id, user }: { id: string; user: SessionUser }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const entry = useQuery({ queryKey: [...KNOWLEDGE, "entry", id], queryFn: () => loadEntry(id) });
  const [editing, setEditing] = useState<EntryView | null>(null);

  async function took(after: EntryView) {
    client.setQueryData([...KNOWLEDGE, "entry", id], after);
    setEditing(null);
    // A review that is done moves its supervision task.
    await Promise.all([KNOWLEDGE, SUPERVISION].map((queryKey) => client.invalidateQueries({ queryKey })));
  }

  if (editing === null && isProblem(entry.error, "resource.not_found")) {
    return (
      <div className="page">
        <PageHead title={t("section.knowledge")} />
        <EmptyState title={t("knowledge.gone")} hint={t("knowledge.goneHint")}>
          <Link to="/knowledge">{t("section.knowledge")}</Link>
        </EmptyState>
      </div>
    );
  }
  const view = entry.data;
  // Read again in vain, the page stays as it is, with what is being typed.
  if (view === undefined) return entry.isError ? <Failed error={entry.error} onRetry={() => void entry.refetch()} /> : null;
  const shown = view.revision ?? view.published;
  return (
    <div className="page">
      <PageHead title={shown?.title ?? view.title} />
      <div className="knowledge-head">
        <EntryTags entry={view} />
        <span>{t(`knowledge.kind.${view.kind}`)}</span>
        <span className="quiet">{view.unit_name || t("knowledge.hotline")}</span>
        {view.number !== null && view.published_at && (
          <span className="quiet">{t("knowledge.versionAt", { number: view.number, at: fullMoment(view.published_at).slice(0, 16) })}</span>
        )}
        {view.review_due_on && <span className="quiet">{t("knowledge.reviewBy", { day: view.review_due_on })}</span>}
        {view.publish_at && <span className="quiet">{t("knowledge.scheduledFor", { at: fullMoment(view.publish_at).slice(0, 16) })}</span>}
        {view.revision && view.revised_by_name && <span className="quiet">{t("knowledge.writtenBy", { name: view.revised_by_name })}</span>}
        <span className="quiet">{t("knowledge.usedTimes", { count: view.uses })}</span>
        <StarButton id={view.id} />
      </div>
      {view.remark && <Alert type="info" showIcon className="form-note" title={view.remark} />}
      {view.state === "withdrawn" || view.state === "expired" ? (
        <Alert type="warning" showIcon className="form-note" title={t(`knowledge.hidden.${view.state}`)} />
      ) : null}
      {editing ? (
        <EntryEditor entry={editing} onSaved={took} onClose={() => setEditing(null)} />
      ) : (
        <div className="entry-columns">
          <div>
            {view.revision && view.published && <p className="quiet">{t("knowledge.revisionShown")}</p>}
            {shown && <EntryText content={shown} subjects={view.subjects} />}
            {shown && <EntryFiles entry={view} ids={shown.attachment_ids ?? []} />}
            <AskAboutEntry view={view} />
          </div>
          <div>
            {view.offers.length > 0 && <EntryActions view={view} onEdit={setEditing} onDone={took} />}
            {view.published && may(user, "case.read") && <EntrySupervision id={view.id} />}
            {view.uses > 0 && <CitingCases view={view} />}
            {view.versions.length > 0 && <Versions view={view} onDone={took} />}
          </div>
        </div>
      )}
    </div>
  );
}

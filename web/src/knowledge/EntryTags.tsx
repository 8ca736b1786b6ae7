import { useTranslation } from "react-i18next";
import { StatusTag, type Tone } from "../ui/StatusTag";
import type { EntryRow } from "./knowledge";

const STATE_TONES: Record<EntryRow["state"], Tone> = { unpublished: "plain", published: "green", expired: "red", withdrawn: "red" };
const REVISION_TONES: Record<EntryRow["revision_state"], Tone> = {
  none: "plain",
  draft: "plain",
  unit_review: "amber",
  editor_review: "amber",
  scheduled: "brand",
};

/** Whether it holds, where its revision is, and who may answer from it. */
export function EntryTags({ entry }: { entry: EntryRow }) {
  const { t } = useTranslation();
  return (
    <span className="tags">
      {(entry.state !== "unpublished" || entry.revision_state === "none") && (
        <StatusTag tone={STATE_TONES[entry.state]}>{t(`knowledge.stateIs.${entry.state}`)}</StatusTag>
      )}
      {entry.revision_state !== "none" && (
        <StatusTag tone={REVISION_TONES[entry.revision_state]}>{t(`knowledge.revisionIs.${entry.revision_state}`)}</StatusTag>
      )}
      {entry.scope !== "agent" && (
        <StatusTag tone={entry.scope === "specialist" ? "violet" : "brand"}>{t(`knowledge.scope.${entry.scope}`)}</StatusTag>
      )}
    </span>
  );
}

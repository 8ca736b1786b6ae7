import { Alert } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "../api/problem";
import { Differences } from "./Differences";
import { EntryForm } from "./EntryForm";
import { type EntryView, type KnowledgeContent, loadEntry, saveRevision } from "./knowledge";
import { merged } from "./merging";

interface Props {
  /** As it was when the form was opened. */
  entry: EntryView;
  onSaved: (after: EntryView) => Promise<void>;
  onClose: () => void;
}

/** A revision while it is written: when somebody else saves meanwhile, what is typed stays, beside what they changed. */
export function EntryEditor({ entry, onSaved, onClose }: Props) {
  const { t } = useTranslation();
  const [base, setBase] = useState(entry);
  const [typed, setTyped] = useState<KnowledgeContent | null>(null);
  const [overtaken, setOvertaken] = useState<{ before: EntryView; theirs: EntryView } | null>(null);

  // The button that saves is at the end of a long form.
  const told = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (overtaken) told.current?.scrollIntoView({ block: "start" });
  }, [overtaken]);

  async function save(content: KnowledgeContent) {
    let after: EntryView;
    try {
      after = await saveRevision(base, content);
    } catch (error) {
      if (!isProblem(error, "knowledge.version_conflict")) throw error;
      const theirs = await loadEntry(entry.id);
      setOvertaken({ before: base, theirs });
      if (base.revision === null || theirs.revision === null) throw error;
      // Whoever saves again has seen it.
      setTyped(merged(base.revision, content, theirs.revision));
      setBase(theirs);
      return;
    }
    await onSaved(after);
  }
  const shown = typed ?? entry.revision;
  if (shown === null) return null;
  return (
    <>
      {overtaken && (
        <div ref={told} role="alert">
          <Alert
            type="warning"
            showIcon
            className="form-note"
            data-testid="entry-overtaken"
            title={t("knowledge.overtaken", { name: overtaken.theirs.revised_by_name || t("knowledge.hotline") })}
            description={
              overtaken.before.revision && overtaken.theirs.revision ? (
                <Differences entry={overtaken.theirs} before={overtaken.before.revision} after={overtaken.theirs.revision} />
              ) : (
                t("knowledge.overtakenGone")
              )
            }
          />
        </div>
      )}
      <EntryForm key={base.version} content={shown} changed={typed !== null} onSave={save} onCancel={onClose} />
    </>
  );
}

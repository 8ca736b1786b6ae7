import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { isProblem } from "../api/problem";
import { useSettled } from "../ui/useSettled";
import { checkFlow, FLOWS, type FlowDocument, type FlowProblem, type FlowView, loadFlow, saveDraft } from "./flows";
import { mergeFlows } from "./merging";

/** What is typed and not saved, in the form in which it was typed. */
type Edit = { document: FlowDocument } | { text: string };

/** How long one stops typing before the whole is checked. */
const PAUSE_MS = 400;

export interface FlowEditing {
  document: FlowDocument;
  text: string;
  problems: FlowProblem[];
  dirty: boolean;
  /** `document` is what is typed; false while the text is none that can be read. */
  readable: boolean;
  saving: boolean;
  /** Whoever saved meanwhile; what they changed is in the document by now. */
  overtaken: { by: string; both: string[] } | null;
  edit: (edit: Edit) => void;
  discard: () => void;
  save: () => Promise<void>;
}

/** A draft while it is edited, as text or as a graph: checked as one goes, and merged where somebody else saves first. */
export function useFlowDraft(flow: FlowView): FlowEditing {
  const client = useQueryClient();
  const [base, setBase] = useState(flow.draft);
  const [edit, setEdit] = useState<Edit | null>(null);
  const [saving, setSaving] = useState(false);
  const [overtaken, setOvertaken] = useState<FlowEditing["overtaken"]>(null);
  if (edit === null && flow.draft.version > base.version) setBase(flow.draft);
  const settled = useSettled(edit, PAUSE_MS);
  const check = useQuery({
    queryKey: [...FLOWS, "check", settled],
    queryFn: () => checkFlow(settled ?? {}),
    enabled: settled !== null,
    staleTime: Infinity,
    gcTime: 0,
  });
  const checked = edit !== null && settled === edit ? check.data : undefined;
  const [last, setLast] = useState<{ document: FlowDocument; text: string }>(base);
  if (checked?.document && checked.text && last.document !== checked.document) {
    setLast({ document: checked.document, text: checked.text });
  }

  async function save() {
    if (edit === null) return;
    setSaving(true);
    try {
      const saved = await saveDraft(flow.id, { version: base.version, ...edit });
      setBase(saved);
      setLast(saved);
      setEdit(null);
      setOvertaken(null);
      await client.invalidateQueries({ queryKey: FLOWS });
    } catch (error) {
      if (!isProblem(error, "flow.draft_conflict")) throw error;
      await takeOver(edit);
    } finally {
      setSaving(false);
    }
  }

  /** Mine on top of what is saved by now; whoever saves again has seen it. */
  async function takeOver(mine: Edit) {
    const document = "document" in mine ? mine.document : (await checkFlow(mine)).document;
    const theirs = (await loadFlow(flow.id)).draft;
    if (!document) return;
    const merge = mergeFlows(base.document, document, theirs.document);
    setOvertaken({ by: theirs.by, both: merge.both });
    setBase(theirs);
    setEdit({ document: merge.document });
  }
  const shown = edit === null ? base : last;
  return {
    document: edit !== null && "document" in edit ? edit.document : shown.document,
    text: edit !== null && "text" in edit ? edit.text : shown.text,
    problems: edit === null ? base.problems : (checked?.problems ?? check.data?.problems ?? base.problems),
    dirty: edit !== null,
    readable: edit === null || "document" in edit || Boolean(checked?.document),
    saving,
    overtaken,
    edit: setEdit,
    discard: () => {
      setEdit(null);
      setOvertaken(null);
      setLast(base);
    },
    save,
  };
}

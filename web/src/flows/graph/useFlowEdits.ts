import { useState } from "react";
import type { FlowDocument } from "../flows";
import { changed, type EditHistory, NO_HISTORY, redone, sameDocument, undone } from "./history";

export interface FlowEdits {
  /** `tag`: changes with the same one, such as the letters of a label, are one step. */
  change: (next: FlowDocument, tag?: string) => void;
  undo: () => void;
  redo: () => void;
  canUndo: boolean;
  canRedo: boolean;
}

/** Changes of a document that can be taken back; what comes from elsewhere, such as a merge, begins anew. */
export function useFlowEdits(document: FlowDocument, onChange: (document: FlowDocument) => void): FlowEdits {
  const [history, setHistory] = useState<EditHistory<FlowDocument>>(NO_HISTORY);
  const [shown, setShown] = useState(document);
  if (shown !== document) {
    setShown(document);
    if (!sameDocument(shown, document)) setHistory(NO_HISTORY);
  }
  function show(next: FlowDocument, kept: EditHistory<FlowDocument>) {
    setShown(next);
    setHistory(kept);
    onChange(next);
  }
  function step(to: ReturnType<typeof undone<FlowDocument>>) {
    if (to) show(to.shown, to.history);
  }
  return {
    change: (next, tag = "") => show(next, changed(history, document, tag)),
    undo: () => step(undone(history, document)),
    redo: () => step(redone(history, document)),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
  };
}

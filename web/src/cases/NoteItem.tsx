import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { NoteView } from "../api/types";

/** What a note says, and to whom; who wrote it and when is its list's to show. */
export function NoteItem({ note, onCorrect }: { note: NoteView; onCorrect: () => void }) {
  const { t } = useTranslation();
  const marks = [
    note.for_units && t("notes.forUnits"),
    note.corrects !== null && t("notes.isCorrection"),
    note.corrected_by !== null && t("notes.corrected"),
    note.mentions.map(({ name }) => `@${name}`).join(" "),
  ].filter(Boolean);
  return (
    <div className={note.corrected_by === null ? "note" : "note corrected"} data-testid="note">
      <p className="note-text">{note.text}</p>
      {marks.length > 0 && <span className="quiet">{marks.join(" · ")}</span>}
      {note.may_correct && (
        <Button type="link" size="small" onClick={onCorrect}>
          {t("notes.correct")}
        </Button>
      )}
    </div>
  );
}

import { useQueries } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import { may } from "../../api/session";
import type { CaseView, NoteView, SessionUser } from "../../api/types";
import { NoteForm } from "../NoteForm";
import { NoteItem } from "../NoteItem";
import { useNotes } from "../useNotes";
import { CallEntry } from "./CallEntry";
import { COURSE_KINDS, type CourseEntry, type CourseKind, courseOf, isOf } from "./course";
import { EntryHead } from "./EntryHead";
import { StepEntry } from "./StepEntry";

interface Props {
  view: CaseView;
  user: SessionUser;
}

/** Everything that happened to the case, the newest first, and a field for a note. */
export function Course({ view, user }: Props) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<CourseKind>("all");
  const [writing, setWriting] = useState<NoteView | "new" | null>(null);
  const { query, notes, reload } = useNotes(view.id);
  const { calls, unseen } = useCalls(view, user);
  const canWrite = may(user, "case.write");
  const entries = courseOf(view, calls, notes).filter((entry) => isOf(kind, entry));
  const close = () => setWriting(null);
  return (
    <section className="case-card" aria-labelledby="case-course" data-testid="case-course">
      <div className="course-head">
        <h2 id="case-course">{t("casePage.columns.course")}</h2>
        {canWrite && (
          <Button size="small" onClick={() => setWriting(writing === null ? "new" : null)} data-testid="write-note">
            {t("casePage.course.writeNote")}
          </Button>
        )}
      </div>
      {writing !== null && (
        <NoteForm
          key={writing === "new" ? "" : writing.id}
          caseId={view.id}
          corrects={writing === "new" ? null : writing}
          onDone={() => {
            close();
            reload();
          }}
          onCancel={close}
        />
      )}
      <Segmented
        block
        size="small"
        aria-label={t("casePage.columns.course")}
        value={kind}
        options={COURSE_KINDS.map((value) => ({ value, label: t(`casePage.course.${value}`) }))}
        onChange={setKind}
      />
      {entries.length === 0 && <p className="quiet">{t("casePage.course.empty")}</p>}
      <ol className="course">
        {entries.map((entry) => (
          <li key={entry.key} data-kind={entry.kind} data-testid={`course-${entry.kind}`}>
            <Entry entry={entry} view={view} user={user} onCorrect={setWriting} />
          </li>
        ))}
      </ol>
      {unseen.map((id) => (
        <p key={id} className="quiet">
          {t("casePage.course.noCall", { id })}
        </p>
      ))}
      {query.hasNextPage && (
        <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {t("common.more")}
        </Button>
      )}
    </section>
  );
}

interface EntryProps extends Props {
  entry: CourseEntry;
  onCorrect: (note: NoteView) => void;
}

function Entry({ entry, view, user, onCorrect }: EntryProps) {
  const { t } = useTranslation();
  switch (entry.kind) {
    case "step":
      return <StepEntry step={entry.step} reply={entry.reply} callback={entry.callback} view={view} />;
    case "call":
      return <CallEntry call={entry.call} canPlay={may(user, "recording.play")} />;
    case "note":
      return (
        <>
          <EntryHead title={t("casePage.course.notes")} who={entry.note.written_by_name} at={entry.at} />
          <NoteItem note={entry.note} onCorrect={() => onCorrect(entry.note)} />
        </>
      );
  }
}

/** The calls of the case, as far as this account may see them. */
function useCalls(view: CaseView, user: SessionUser) {
  const allowed = may(user, "call.read") || may(user, "call.read_all");
  const answers = useQueries({
    queries: (allowed ? view.call_ids : []).map((call_id) => ({
      queryKey: ["calls", "detail", call_id],
      queryFn: () => unwrap(api.GET("/api/calls/{call_id}", { params: { path: { call_id } } })),
    })),
  });
  const calls = answers.flatMap(({ data }) => (data === undefined ? [] : [data]));
  const unseen = view.call_ids.filter((_, index) => !allowed || answers[index]?.isError);
  return { calls, unseen };
}

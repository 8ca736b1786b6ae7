import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, listPage } from "../api/client";
import type { NoteView } from "../api/types";
import { Waiting } from "../app/Waiting";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import "./cases.css";
import { NoteForm } from "./NoteForm";

/** The notes on a case, the newest first, and a field for another. */
export function Notes({ caseId, canWrite }: { caseId: string; canWrite: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [correcting, setCorrecting] = useState<NoteView | null>(null);
  const queryKey = ["case", caseId, "notes"];
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      listPage(
        api.GET("/api/cases/{case_id}/notes", {
          params: { path: { case_id: caseId }, query: pageParam === null ? {} : { cursor: pageParam } },
        }),
      ),
    getNextPageParam: (last) => last.next,
  });
  const notes = query.data?.pages.flatMap(({ items }) => items) ?? [];
  function written() {
    setCorrecting(null);
    void queries.invalidateQueries({ queryKey });
  }
  return (
    <section className="notes" aria-label={t("notes.title")} data-testid="notes">
      <h3>{t("notes.title")}</h3>
      {canWrite && <NoteForm key={correcting?.id ?? ""} caseId={caseId} corrects={correcting} onDone={written} onCancel={() => setCorrecting(null)} />}
      {query.isPending && <Waiting />}
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && notes.length === 0 && <p className="quiet">{t("notes.empty")}</p>}
      <ol className="note-list">
        {notes.map((note) => (
          <li key={note.id} className={note.corrected_by === null ? "note" : "note corrected"} data-testid="note">
            <p className="note-text">{note.text}</p>
            <span className="quiet">
              {note.written_by_name || "—"} · <Moment iso={note.written_at} />
              {note.for_units && ` · ${t("notes.forUnits")}`}
              {note.corrects !== null && ` · ${t("notes.isCorrection")}`}
              {note.corrected_by !== null && ` · ${t("notes.corrected")}`}
              {note.mentions.length > 0 && ` · ${note.mentions.map(({ name }) => `@${name}`).join(" ")}`}
            </span>
            {note.may_correct && (
              <Button type="link" size="small" onClick={() => setCorrecting(note)}>
                {t("notes.correct")}
              </Button>
            )}
          </li>
        ))}
      </ol>
      {query.hasNextPage && (
        <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {t("common.more")}
        </Button>
      )}
    </section>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { EnterpriseNote } from "../api/types";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { DataTable } from "../ui/table/DataTable";
import { useTable } from "../ui/table/useTable";

/** What people want others to know about an enterprise, the newest first. */
export function NotesOf({ id, canWrite }: { id: string; canWrite: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false });
  const name = `enterprise-notes-${id}`;
  const path = { enterprise_id: id };
  const table = useTable<EnterpriseNote>({
    name,
    filters: [],
    rows: 20,
    load: (query) => unwrap(api.GET("/api/enterprises/{enterprise_id}/notes", { params: { path, query } })),
  });
  async function add() {
    setState({ busy: true });
    try {
      await unwrap(api.POST("/api/enterprises/{enterprise_id}/notes", { params: { path }, body: { text } }));
      setText("");
      setState({ busy: false });
      await client.invalidateQueries({ queryKey: [name] });
    } catch (error) {
      setState({ busy: false, error });
    }
  }
  return (
    <>
      {canWrite && (
        <div className="enterprise-note-entry">
          <Input.TextArea
            value={text}
            maxLength={4000}
            autoSize={{ minRows: 2, maxRows: 8 }}
            placeholder={t("enterprises.noteHint")}
            aria-label={t("enterprises.noteHint")}
            onChange={(event) => setText(event.target.value)}
            data-testid="note-text"
          />
          <Button type="primary" disabled={!text.trim()} loading={state.busy} onClick={() => void add()} data-testid="note-add">
            {t("enterprises.addNote")}
          </Button>
        </div>
      )}
      {state.error !== undefined && <Failed error={state.error} onRetry={() => void add()} />}
      <DataTable<EnterpriseNote>
        table={table}
        rowKey={(row) => row.id}
        label={t("enterprises.tab.notes")}
        columns={[
          { key: "text", title: t("enterprises.note"), render: (_, row) => <span className="enterprise-note">{row.text}</span> },
          { key: "author", title: t("enterprises.author"), render: (_, row) => row.author_name },
          { key: "at", title: t("enterprises.created"), render: (_, row) => <Moment iso={row.created_at} /> },
        ]}
        empty={{ title: t("enterprises.noNotes"), hint: t("enterprises.noNotesHint") }}
      />
    </>
  );
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Popconfirm } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { UndoneMerge } from "../api/types";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";

/** What was merged into an enterprise, and the way back. Shows nothing where there is nothing. */
export function MergesOf({ id, canManage }: { id: string; canManage: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [done, setDone] = useState<UndoneMerge | null>(null);
  const [error, setError] = useState<unknown>();
  const query = useQuery({
    queryKey: ["enterprise-merges", id],
    queryFn: () => unwrap(api.GET("/api/enterprises/{enterprise_id}/merges", { params: { path: { enterprise_id: id } } })),
  });
  const open = (query.data?.items ?? []).filter((merge) => merge.undone_at === null && merge.survivor_id === id);
  async function undo(merge_id: string) {
    setError(undefined);
    try {
      setDone(await unwrap(api.POST("/api/enterprise-merges/{merge_id}/undo", { params: { path: { merge_id } } })));
      await client.invalidateQueries();
    } catch (failure) {
      setError(failure);
    }
  }
  return (
    <>
      {error !== undefined && <Failed error={error} onRetry={() => setError(undefined)} />}
      {done && (
        <Alert
          showIcon
          closable
          className="form-note"
          type={done.kept.length > 0 ? "warning" : "success"}
          title={t("enterprises.undone", { contacts: done.contacts, cases: done.cases, notes: done.notes })}
          description={done.kept.map((field) => <div key={field}>{t("enterprises.notUndone", { field: t(`enterprises.mergeField.${field}`) })}</div>)}
        />
      )}
      {open.map((merge) => (
        <Alert
          key={merge.id}
          type="info"
          className="form-note"
          title={
            <>
              {t("enterprises.mergedBy", { who: merge.by_name, contacts: merge.contacts, cases: merge.cases, notes: merge.notes })}{" "}
              <Moment iso={merge.at} />
            </>
          }
          action={
            canManage && (
              <Popconfirm title={t("enterprises.undoAsk")} onConfirm={() => void undo(merge.id)}>
                <Button size="small" data-testid="merge-undo">
                  {t("enterprises.undo")}
                </Button>
              </Popconfirm>
            )
          }
        />
      ))}
    </>
  );
}

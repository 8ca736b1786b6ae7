import { InboxOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useRef, useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { AttachmentView } from "../api/types";
import { Waiting } from "../app/Waiting";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { Failed } from "../ui/Failed";
import { AttachmentItem, SendingItem } from "./AttachmentItem";
import "./cases.css";
import { bytes } from "./files";
import { useUploads } from "./useUploads";

/** The files of a case: to see, to add by button or by dropping them, and to remove with a reason. */
export function Attachments({ caseId, canWrite }: { caseId: string; canWrite: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [removing, setRemoving] = useState<AttachmentView | null>(null);
  const queryKey = ["case", caseId, "attachments"];
  const query = useQuery({
    queryKey,
    queryFn: () => unwrap(api.GET("/api/cases/{case_id}/attachments", { params: { path: { case_id: caseId } } })),
    // While the scanner works, its verdict comes by itself.
    refetchInterval: (one) => (one.state.data?.items.some(({ state }) => state === "quarantined") ? 5_000 : false),
  });
  const items = query.data?.items ?? [];
  const held = items.filter(({ state }) => state === "ready" || state === "quarantined").length;
  const most = query.data?.most ?? 0;
  const mostBytes = query.data?.most_bytes ?? 0;
  const reload = () => void queries.invalidateQueries({ queryKey });
  const { sending, send, dismiss } = useUploads(caseId, { held, most, mostBytes }, reload);

  if (query.isPending) return <Waiting />;
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;

  function dropped(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    if (canWrite) void send([...event.dataTransfer.files]);
  }
  async function remove(reason: string) {
    if (removing === null) return;
    const path = { case_id: caseId, attachment_id: removing.id };
    const body = { version: removing.version, reason };
    await unwrap(api.POST("/api/cases/{case_id}/attachments/{attachment_id}/remove", { params: { path }, body }));
    reload();
  }
  return (
    <section
      className={over ? "attachments over" : "attachments"}
      aria-label={t("attachments.title")}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(canWrite);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
      data-testid="attachments"
    >
      <h3>
        {t("attachments.title")} <span className="quiet">{t("attachments.count", { held, most })}</span>
      </h3>
      {items.length === 0 && sending.length === 0 && <p className="quiet">{t("attachments.empty")}</p>}
      <ul className="attachment-list">
        {items.map((item) => (
          <AttachmentItem key={item.id} caseId={caseId} item={item} onRemove={() => setRemoving(item)} />
        ))}
        {sending.map((one) => (
          <SendingItem key={one.id} sending={one} onDismiss={() => dismiss(one.id)} />
        ))}
      </ul>
      {canWrite && (
        <div className="attachment-add">
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            data-testid="attachment-input"
            aria-label={t("attachments.add")}
            onChange={(event) => {
              void send([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
          <Button icon={<InboxOutlined />} onClick={() => picker.current?.click()} disabled={held >= most}>
            {t("attachments.add")}
          </Button>
          <span className="quiet">{t("attachments.hint", { size: bytes(mostBytes) })}</span>
        </div>
      )}
      <ConfirmWithReason
        open={removing !== null}
        title={t("attachments.removeTitle")}
        text={t("attachments.removeText", { name: removing?.name ?? "" })}
        okText={t("attachments.remove")}
        danger
        askReason
        onConfirm={remove}
        onClose={() => setRemoving(null)}
      />
    </section>
  );
}

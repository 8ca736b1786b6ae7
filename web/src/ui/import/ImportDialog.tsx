import { InboxOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Modal, Progress, Upload } from "antd";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, apiUrl, unwrap } from "../../api/client";
import type { ImportView } from "../../api/types";
import { Failed } from "../Failed";
import { ImportReport } from "./ImportReport";
import { ImportSetup } from "./ImportSetup";
import { isBusy, progressOf } from "./steps";
import { uploadFile } from "./upload";
import "./import.css";

interface Props {
  open: boolean;
  /** As the server calls what is imported: "enterprises". */
  kind: string;
  title: string;
  /** Which columns the file has. */
  hint: string;
  /** Endings of files that this kind takes besides tables: ".md". */
  accepts?: readonly string[];
  onClose: () => void;
  /** Something was imported: the list behind is to be read again. */
  onImported: () => void;
}

const LOOK_AGAIN = 700;

/** Upload a file, say how it reads, watch it being checked, read the report, confirm, and see it written. */
export function ImportDialog({ open, kind, title, hint, accepts = [], onClose, onImported }: Props) {
  const client = useQueryClient();
  const [id, setId] = useState<string | null>(null);
  const key = ["import", kind, id];
  const query = useQuery({
    queryKey: key,
    queryFn: () => unwrap(api.GET("/api/imports/{kind}/{import_id}", { params: { path: { kind, import_id: id ?? "" } } })),
    enabled: open && id !== null,
    refetchInterval: ({ state }) => (state.data && isBusy(state.data.state) ? LOOK_AGAIN : false),
  });
  const one = id === null ? undefined : query.data;
  const known = (view: ImportView) => {
    client.setQueryData(["import", kind, view.id], view);
    setId(view.id);
  };
  const applied = one?.state === "applied";
  const imported = useEffectEvent(onImported);
  useEffect(() => {
    if (applied) imported();
  }, [applied]);

  async function cancel() {
    if (one && one.state !== "applied" && one.state !== "reverting" && one.state !== "cancelled") {
      const path = { kind, import_id: one.id };
      await unwrap(api.POST("/api/imports/{kind}/{import_id}/cancel", { params: { path } })).catch(() => undefined);
    }
    setId(null);
  }
  return (
    <Modal
      open={open}
      title={title}
      width="min(760px, 100vw)"
      onCancel={() => void cancel().then(onClose)}
      footer={null}
      destroyOnHidden
      data-testid="import"
    >
      {id === null && <ChooseFile kind={kind} hint={hint} accepts={accepts} onUploaded={known} />}
      {id !== null && query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {one && (one.state === "uploaded" || one.state === "failed") && (
        <ImportSetup key={one.version} view={one} onChecking={known} onCancel={() => void cancel()} />
      )}
      {one && isBusy(one.state) && <Working view={one} onCancel={() => void cancel()} />}
      {one && (one.state === "checked" || one.state === "applied") && (
        <ImportReport view={one} onApplying={known} onAgain={() => void cancel()} onClose={() => void cancel().then(onClose)} />
      )}
    </Modal>
  );
}

type Sending = { file: File; share: number; error?: unknown };

function ChooseFile({ kind, hint, accepts, onUploaded }: Pick<Props, "kind" | "hint"> & { accepts: readonly string[]; onUploaded: (view: ImportView) => void }) {
  const { t } = useTranslation();
  const [sending, setSending] = useState<Sending | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function start(file: File) {
    const mine = new AbortController();
    running.current = mine;
    setSending({ file, share: 0 });
    try {
      const onProgress = (share: number) => !mine.signal.aborted && setSending({ file, share });
      const path = apiUrl(`/api/imports/${kind}`, { file_name: file.name });
      onUploaded(await uploadFile<ImportView>(path, file, { onProgress, signal: mine.signal }));
    } catch (error) {
      setSending(mine.signal.aborted ? null : { file, share: 0, error });
    }
  }
  if (sending?.error !== undefined) {
    return (
      <>
        <Failed error={sending.error} title={t("import.failed")} onRetry={() => void start(sending.file)} />
        <Button onClick={() => setSending(null)}>{t("import.again")}</Button>
      </>
    );
  }
  if (sending !== null) {
    return (
      <div role="status">
        <p>{t(sending.share < 1 ? "import.sending" : "import.reading", { name: sending.file.name })}</p>
        <Progress percent={Math.round(sending.share * 100)} status="active" aria-label={t("import.progress")} />
        <Button onClick={() => running.current?.abort()}>{t("common.cancel")}</Button>
      </div>
    );
  }
  return (
    <>
      <p>{hint}</p>
      <Upload.Dragger
        accept={[".csv", ".txt", ".xlsx", ...accepts].join(",")}
        showUploadList={false}
        beforeUpload={(file) => {
          void start(file);
          return false;
        }}
      >
        <p className="import-icon">
          <InboxOutlined />
        </p>
        <p>{t("import.drop")}</p>
        <p className="quiet">{t("import.formats")}</p>
      </Upload.Dragger>
      <p className="import-template">
        <a href={apiUrl(`/api/imports/${kind}/template`, {})} download data-testid="import-template">
          {t("import.template")}
        </a>
      </p>
    </>
  );
}

function Working({ view, onCancel }: { view: ImportView; onCancel: () => void }) {
  const { t } = useTranslation();
  const writing = view.state === "applying";
  const reverting = view.state === "reverting";
  const text = reverting ? "import.reverting" : writing ? "import.writing" : view.rows_total === null ? "import.reading" : "import.checking";
  return (
    <div role="status" data-testid="import-working">
      <p>{t(text, { name: view.file_name, done: view.rows_done, total: view.rows_total ?? 0 })}</p>
      <Progress percent={progressOf(view)} status="active" aria-label={t("import.progress")} />
      {writing && <p className="quiet">{t("import.allOrNothing")}</p>}
      {!reverting && <Button onClick={onCancel}>{t("common.cancel")}</Button>}
    </div>
  );
}

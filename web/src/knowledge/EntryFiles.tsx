import { PaperClipOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { apiUrl } from "../api/client";
import { bytes } from "../cases/files";
import { Failed } from "../ui/Failed";
import { uploadFile } from "../ui/import/upload";
import { newId } from "../ui/newId";
import { type EntryView, KNOWLEDGE, type KnowledgeFile, loadFiles, removeFile } from "./knowledge";

const MOST = 20;
const LOOK_AGAIN = 5000;

interface Props {
  entry: EntryView;
  /** Of the content that is shown. */
  ids: readonly string[];
}

/** The files of what is shown; whoever writes its draft adds and removes them here. */
export function EntryFiles({ entry, ids }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ error: unknown; again: () => void } | null>(null);
  const known = useQuery({
    queryKey: [...KNOWLEDGE, "files", entry.id, ...ids],
    queryFn: () => loadFiles(entry.id),
    enabled: ids.length > 0,
    refetchInterval: ({ state }) => (state.data?.some((file) => file.state === "quarantined") ? LOOK_AGAIN : false),
  });
  const writes = entry.offers.some((offer) => offer.action === "save");
  const files = (known.data ?? []).filter((file) => ids.includes(file.id));
  if (!writes && ids.length === 0) return null;

  async function change(act: () => Promise<unknown>) {
    setBusy(true);
    setFailed(null);
    try {
      await act();
      await client.invalidateQueries({ queryKey: KNOWLEDGE });
    } catch (error) {
      setFailed({ error, again: () => void change(act) });
    } finally {
      setBusy(false);
    }
  }
  function send(file: File) {
    // Made once, so that one sent again is not there twice.
    const path = apiUrl(`/api/knowledge/${entry.id}/attachments`, { name: file.name, id: newId() });
    void change(() => uploadFile<KnowledgeFile>(path, file, { type: "application/octet-stream" }));
  }
  return (
    <section className="entry-card" aria-labelledby="entry-files">
      <h2 id="entry-files">{t("knowledge.files")}</h2>
      {known.isError && <Failed error={known.error} onRetry={() => void known.refetch()} />}
      {files.length > 0 && (
        <ul className="entry-files" data-testid="entry-files">
          {files.map((file) => (
            <li key={file.id}>
              {file.state === "ready" ? (
                <a href={apiUrl(`/api/knowledge/${entry.id}/attachments/${file.id}/content`, {})} download={file.name}>
                  {file.name}
                </a>
              ) : (
                <span>{file.name}</span>
              )}
              <span className="quiet">{file.state === "ready" ? bytes(file.size) : t(`knowledge.fileIs.${file.state}`)}</span>
              {writes && (
                <Button
                  type="link"
                  size="small"
                  disabled={busy}
                  onClick={() => void change(() => removeFile(entry, file.id))}
                  aria-label={`${t("knowledge.fileRemove")} ${file.name}`}
                >
                  {t("knowledge.fileRemove")}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {failed && <Failed error={failed.error} title={t("knowledge.fileFailed")} onRetry={failed.again} />}
      {writes && ids.length < MOST && (
        <Upload
          showUploadList={false}
          disabled={busy}
          beforeUpload={(file) => {
            send(file);
            return false;
          }}
        >
          <Button icon={<PaperClipOutlined />} loading={busy} data-testid="entry-file-add">
            {t("knowledge.fileAdd")}
          </Button>
        </Upload>
      )}
    </section>
  );
}

import { InboxOutlined } from "@ant-design/icons";
import { Button, Modal, Progress, Table, Upload } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../Failed";
import { StatusTag, type Tone } from "../StatusTag";
import { countRows, type ImportReport, type ImportRow, reportCsv, type RowOutcome, sortRows } from "./report";

interface Props {
  open: boolean;
  title: string;
  /** Which columns the file has, and where a template is. */
  hint: string;
  template?: string;
  accept: string;
  /** Rejects with a Problem; `uploadFile` of this folder does for most. */
  send: (file: File, options: { onProgress: (share: number) => void; signal: AbortSignal }) => Promise<ImportReport>;
  onClose: () => void;
  /** Something was imported: the list behind is to be read again. */
  onImported: () => void;
}

type Stage =
  | { at: "choose" }
  | { at: "sending"; file: File; share: number }
  | { at: "failed"; file: File; error: unknown }
  | { at: "done"; report: ImportReport };

const TONES: Record<RowOutcome, Tone> = { created: "green", updated: "brand", unchanged: "plain", skipped: "amber", failed: "red" };

/** Upload a file, watch it go, cancel it, and read what became of each row. */
export function ImportDialog({ open, title, hint, template, accept, send, onClose, onImported }: Props) {
  const { t } = useTranslation();
  const [stage, setStage] = useState<Stage>({ at: "choose" });
  const running = useRef<AbortController | null>(null);

  async function start(file: File) {
    const mine = new AbortController();
    running.current = mine;
    setStage({ at: "sending", file, share: 0 });
    try {
      const onProgress = (share: number) => !mine.signal.aborted && setStage({ at: "sending", file, share });
      const report = await send(file, { onProgress, signal: mine.signal });
      setStage({ at: "done", report });
      onImported();
    } catch (error) {
      setStage(mine.signal.aborted ? { at: "choose" } : { at: "failed", file, error });
    }
  }
  function close() {
    running.current?.abort();
    setStage({ at: "choose" });
    onClose();
  }
  return (
    <Modal open={open} title={title} width={720} onCancel={close} footer={null} destroyOnHidden data-testid="import">
      {stage.at === "choose" && (
        <>
          <p>
            {hint} {template && <a href={template}>{t("import.template")}</a>}
          </p>
          <Upload.Dragger
            accept={accept}
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
          </Upload.Dragger>
        </>
      )}
      {stage.at === "sending" && (
        <div role="status">
          <p>{t(stage.share < 1 ? "import.sending" : "import.checking", { name: stage.file.name })}</p>
          <Progress percent={Math.round(stage.share * 100)} status="active" />
          <Button onClick={() => running.current?.abort()}>{t("common.cancel")}</Button>
        </div>
      )}
      {stage.at === "failed" && <Failed error={stage.error} title={t("import.failed")} onRetry={() => void start(stage.file)} />}
      {stage.at === "done" && <Report rows={stage.report.rows} onAgain={() => setStage({ at: "choose" })} onClose={close} />}
    </Modal>
  );
}

function Report({ rows, onAgain, onClose }: { rows: ImportRow[]; onAgain: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const header = ["line", "outcome", "subject", "message"].map((name) => t(`import.${name}`));
  const file = `data:text/csv;charset=utf-8,${encodeURIComponent(reportCsv(sortRows(rows), header))}`;
  return (
    <div data-testid="import-report">
      <p className="tags">
        {countRows(rows).map(([outcome, count]) => (
          <StatusTag key={outcome} tone={TONES[outcome]}>
            {t(`import.outcomes.${outcome}`)} {count}
          </StatusTag>
        ))}
      </p>
      <Table<ImportRow>
        size="small"
        rowKey="line"
        dataSource={sortRows(rows)}
        pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
        columns={[
          { title: t("import.line"), dataIndex: "line", width: 64 },
          {
            title: t("import.outcome"),
            width: 96,
            render: (_, row) => <StatusTag tone={TONES[row.outcome]}>{t(`import.outcomes.${row.outcome}`)}</StatusTag>,
          },
          { title: t("import.subject"), dataIndex: "subject" },
          { title: t("import.message"), dataIndex: "message" },
        ]}
      />
      <div className="form-buttons">
        <Button type="primary" onClick={onClose}>
          {t("common.close")}
        </Button>
        <Button onClick={onAgain}>{t("import.again")}</Button>
        <a href={file} download="import-report.csv">
          {t("import.download")}
        </a>
      </div>
    </div>
  );
}

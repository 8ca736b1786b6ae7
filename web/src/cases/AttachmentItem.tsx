import { CloseOutlined, DeleteOutlined, FileOutlined } from "@ant-design/icons";
import { Button, Progress } from "antd";
import { useTranslation } from "react-i18next";
import type { AttachmentView } from "../api/types";
import { words } from "../app/words";
import { Moment } from "../ui/Moment";
import { bytes } from "./files";
import type { Sending } from "./useUploads";

interface Props {
  caseId: string;
  item: AttachmentView;
  onRemove: () => void;
}

export function AttachmentItem({ caseId, item, onRemove }: Props) {
  const { t } = useTranslation();
  const base = `/api/cases/${caseId}/attachments/${item.id}`;
  const ready = item.state === "ready";
  const plays = ready && /^(audio|video)\//.test(item.media_type);
  return (
    <li className={`attachment ${item.state}`} data-testid="attachment">
      {item.has_thumbnail ? <img src={`${base}/thumbnail`} alt="" loading="lazy" /> : <FileOutlined className="attachment-icon" />}
      <div className="attachment-facts">
        {ready ? (
          <a href={`${base}/content`} download={item.name}>
            {item.name}
          </a>
        ) : (
          <span>{item.name}</span>
        )}
        <span className="quiet">
          {bytes(item.size)} · {item.uploaded_by_name || "—"} · <Moment iso={item.uploaded_at} />
        </span>
        {!ready && <span className="quiet">{t(`attachments.state.${item.state}`, { reason: item.reason })}</span>}
        {item.note && <span>{item.note}</span>}
        {plays && <Media kind={item.media_type} source={`${base}/content`} name={item.name} />}
      </div>
      {item.may_remove && (
        <Button
          type="text"
          icon={<DeleteOutlined />}
          aria-label={t("attachments.removeOne", { name: item.name })}
          onClick={onRemove}
          data-testid="attachment-remove"
        />
      )}
    </li>
  );
}

function Media({ kind, source, name }: { kind: string; source: string; name: string }) {
  // Nothing is fetched, and so nothing audited, before somebody plays it.
  // A caller's own recording has no captions.
  // eslint-disable-next-line jsx-a11y/media-has-caption
  if (kind.startsWith("video/")) return <video controls preload="none" src={source} aria-label={name} />;
  // eslint-disable-next-line jsx-a11y/media-has-caption
  return <audio controls preload="none" src={source} aria-label={name} />;
}

export function SendingItem({ sending, onDismiss }: { sending: Sending; onDismiss: () => void }) {
  const { t } = useTranslation();
  const failed = sending.error !== null;
  return (
    <li className="attachment" data-testid="attachment-sending">
      <FileOutlined className="attachment-icon" />
      <div className="attachment-facts">
        <span>{sending.name}</span>
        {failed ? (
          <span className="attachment-error" role="alert">
            {words(sending.error)}
          </span>
        ) : (
          <Progress percent={Math.round(sending.share * 100)} size="small" aria-label={sending.name} />
        )}
      </div>
      {failed && <Button type="text" icon={<CloseOutlined />} aria-label={t("common.close")} onClick={onDismiss} />}
    </li>
  );
}

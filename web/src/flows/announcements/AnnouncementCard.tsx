import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../ui/Failed";
import { Moment } from "../../ui/Moment";
import { StatusTag, type Tone } from "../../ui/StatusTag";
import type { Announcement } from "./announcements";

const TONES: Record<Announcement["state"], Tone> = { off: "plain", scheduled: "amber", on: "green" };

interface Props {
  announcement: Announcement;
  canSwitch: boolean;
  onSwitch: () => void;
  onOff: () => Promise<unknown>;
  onEdit: () => void;
  onRemove: () => void;
}

export function AnnouncementCard({ announcement, canSwitch, onSwitch, onOff, onEdit, onRemove }: Props) {
  const { t } = useTranslation();
  const [refused, setRefused] = useState<unknown>(null);
  const { topic, text, prompt, playable, state, on_from, until, switched_by } = announcement;

  async function off() {
    setRefused(null);
    await onOff().catch(setRefused);
  }
  return (
    <section className="announcement-card" data-testid="announcement">
      <h3>
        {topic} <StatusTag tone={TONES[state]}>{t(`announcement.state.${state}`)}</StatusTag>
      </h3>
      <p>{text}</p>
      <p className="quiet">
        {t("announcement.prompt")}: <code>{prompt}</code>
      </p>
      {!playable && <StatusTag tone="red">{t("announcement.silent")}</StatusTag>}
      {state !== "off" && (
        <p>
          {state === "scheduled" && (
            <>
              {t("announcement.from")} <Moment iso={on_from} />{" "}
            </>
          )}
          {t("announcement.until")} <Moment iso={until} /> <span className="quiet">{switched_by}</span>
        </p>
      )}
      {refused !== null && <Failed error={refused} onRetry={() => void off()} />}
      {canSwitch && (
        <div className="announcement-buttons">
          {state === "off" ? (
            <Button type="primary" disabled={!playable} onClick={onSwitch} data-testid="announcement-on">
              {t("announcement.switchOn")}
            </Button>
          ) : (
            <Button danger onClick={() => void off()} data-testid="announcement-off">
              {t("announcement.switchOff")}
            </Button>
          )}
          <Button onClick={onEdit}>{t("announcement.edit")}</Button>
          {state === "off" && <Button onClick={onRemove}>{t("announcement.remove")}</Button>}
        </div>
      )}
    </section>
  );
}

import { useTranslation } from "react-i18next";
import { StatusTag, type Tone } from "../ui/StatusTag";
import type { OutgoingMessage } from "./notices";

const TONES: Record<OutgoingMessage["state"], Tone> = { waiting: "amber", sent: "green", dead: "red" };

/** Whether a message was taken, with the reason where it was not. */
export function MessageState({ message }: { message: OutgoingMessage }) {
  const { t } = useTranslation();
  return (
    <div className="message-text">
      <StatusTag tone={TONES[message.state]}>{t(`messages.state.${message.state}`)}</StatusTag>{" "}
      {message.reason && (
        <small>
          {message.reason} · {t("messages.attempts", { count: message.attempts })}
        </small>
      )}
    </div>
  );
}

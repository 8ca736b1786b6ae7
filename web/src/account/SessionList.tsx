import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OpenSession } from "../api/types";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { Moment } from "../ui/Moment";
import { StatusTag } from "../ui/StatusTag";
import "./account.css";
import { browserName } from "./browserName";

interface Props {
  sessions: readonly OpenSession[];
  onEnd: (session: OpenSession) => Promise<unknown>;
}

/** Where somebody is logged in, each to be logged out. */
export function SessionList({ sessions, onEnd }: Props) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<OpenSession | null>(null);
  return (
    <>
      <ul className="session-list" data-testid="sessions">
        {sessions.map((session) => (
          <li key={session.id}>
            <div>
              {browserName(session.user_agent) || t("account.unknownBrowser")}{" "}
              {session.current && <StatusTag tone="green">{t("account.thisOne")}</StatusTag>}
              <small>
                {session.address} · {t("account.from")} <Moment iso={session.created_at} /> · {t("account.used")}{" "}
                <Moment iso={session.used_at} />
              </small>
            </div>
            {!session.current && (
              <Button size="small" onClick={() => setAsking(session)} data-testid="end-session">
                {t("account.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ConfirmWithReason
        open={asking !== null}
        title={t("account.endTitle")}
        text={t("account.endText")}
        okText={t("account.end")}
        danger
        onConfirm={() => (asking ? onEnd(asking) : Promise.resolve())}
        onClose={() => setAsking(null)}
      />
    </>
  );
}

import { Button, QRCode } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { Failed } from "../ui/Failed";
import { type DeskPhoneAccount, sipUri } from "./agents";

/** The SIP account of the agent's desk phone, shown on request: each look is audited. */
export function AgentPhone({ number }: { number: string }) {
  const { t } = useTranslation();
  const [account, setAccount] = useState<DeskPhoneAccount | null>(null);
  const [refused, setRefused] = useState<unknown>(null);

  async function show() {
    setRefused(null);
    try {
      setAccount(await unwrap(api.POST("/api/agents/{number}/desk-phone", { params: { path: { number } } })));
    } catch (error) {
      setRefused(error);
    }
  }
  return (
    <section>
      <h3>{t("agents.phone")}</h3>
      <p className="quiet">{t("agents.phoneHint")}</p>
      {refused !== null && <Failed error={refused} onRetry={() => void show()} />}
      {account === null ? (
        <Button onClick={() => void show()} data-testid="agent-phone">
          {t("agents.showPhone")}
        </Button>
      ) : (
        <div className="phone-account" data-testid="agent-phone-account">
          <QRCode value={sipUri(account)} size={148} aria-label={t("agents.qr")} />
          <dl className="facts">
            <dt>{t("agents.sipServer")}</dt>
            <dd>
              {account.host}:{account.port} (UDP)
            </dd>
            <dt>{t("agents.sipUser")}</dt>
            <dd>{account.username}</dd>
            <dt>{t("agents.sipPassword")}</dt>
            <dd>
              <code>{account.password}</code>
            </dd>
          </dl>
        </div>
      )}
    </section>
  );
}

import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Enrolment, SessionView } from "../api/types";
import { api, unwrap } from "../api/client";
import { words } from "../app/words";
import { RecoveryCodes } from "./RecoveryCodes";

interface Props {
  enrolment: Enrolment;
  /** Once the codes are kept: the session as it is now. */
  onDone: (session: SessionView) => void;
  doneText: string;
}

/** The QR code, the code that proves the app has it, and then the recovery codes. */
export function Enrol({ enrolment, onDone, doneText }: Props) {
  const { t } = useTranslation();
  const [refused, setRefused] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [enrolled, setEnrolled] = useState<{ codes: string[]; session: SessionView } | null>(null);

  async function confirm({ code }: { code: string }) {
    setBusy(true);
    setRefused(null);
    try {
      setEnrolled(await unwrap(api.PUT("/api/account/second-factor", { body: { code: code.trim() } })));
    } catch (error) {
      setRefused(error);
    } finally {
      setBusy(false);
    }
  }

  if (enrolled) return <RecoveryCodes codes={enrolled.codes} doneText={doneText} onDone={() => onDone(enrolled.session)} />;
  return (
    <Form layout="vertical" requiredMark={false} onFinish={confirm}>
      <p>{t("account.scan")}</p>
      <img className="qr" src={enrolment.qr_code} alt={t("account.qr")} width={208} height={208} data-testid="qr" />
      <p>
        {t("account.orType")} <code data-testid="totp-secret">{enrolment.secret}</code>
      </p>
      {refused !== null && <Alert type="error" showIcon role="alert" title={words(refused)} className="form-note" />}
      <Form.Item name="code" label={t("steps.code")} rules={[{ required: true, min: 6, message: t("steps.needCode") }]}>
        <Input inputMode="numeric" autoComplete="one-time-code" maxLength={8} data-testid="code" />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy} data-testid="confirm-code">
        {t("steps.confirm")}
      </Button>
    </Form>
  );
}

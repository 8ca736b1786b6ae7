import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { AccountView, Enrolment } from "../api/types";
import { Moment } from "../ui/Moment";
import { StatusTag } from "../ui/StatusTag";
import { AskPassword } from "./AskPassword";
import { Enrol } from "./Enrol";
import { RecoveryCodes } from "./RecoveryCodes";

type Asking = "enrol" | "codes" | "remove";

/** Set up, change, renew the recovery codes, turn off: each after the password. */
export function SecondFactor({ factor, onChanged }: { factor: AccountView["second_factor"]; onChanged: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const on = factor.enrolled_at !== null;

  async function proceed(password: string) {
    const body = { password };
    if (asking === "enrol") setEnrolment(await unwrap(api.POST("/api/account/second-factor", { body })));
    if (asking === "codes") setCodes((await unwrap(api.POST("/api/account/second-factor/recovery-codes", { body }))).codes);
    if (asking === "remove") {
      await unwrap(api.POST("/api/account/second-factor/remove", { body }));
      void message.success(t("account.removed"));
    }
    onChanged();
  }

  function finished() {
    setEnrolment(null);
    setCodes(null);
    onChanged();
  }

  if (enrolment) return <Enrol enrolment={enrolment} doneText={t("account.done")} onDone={finished} />;
  if (codes) return <RecoveryCodes codes={codes} doneText={t("account.done")} onDone={finished} />;
  return (
    <>
      <p>
        <StatusTag tone={on ? "green" : "plain"}>{t(on ? "account.factorOn" : "account.factorOff")}</StatusTag>{" "}
        {on && <Moment iso={factor.enrolled_at} />} {on && t("account.codesLeft", { count: factor.recovery_codes_left })}
      </p>
      <p className="quiet">{t(factor.required ? "account.factorRequired" : "account.factorText")}</p>
      <div className="form-buttons">
        <Button type={on ? "default" : "primary"} onClick={() => setAsking("enrol")} data-testid="enrol">
          {t(on ? "account.replace" : "account.enable")}
        </Button>
        {on && <Button onClick={() => setAsking("codes")}>{t("account.newCodes")}</Button>}
        {on && !factor.required && (
          <Button danger onClick={() => setAsking("remove")} data-testid="remove-factor">
            {t("account.remove")}
          </Button>
        )}
      </div>
      <AskPassword open={asking !== null} title={t("account.factor")} onPassword={proceed} onClose={() => setAsking(null)} />
    </>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Enrol } from "../account/Enrol";
import { NewPassword } from "../account/NewPassword";
import { api, unwrap } from "../api/client";
import { useLogOut, useSessionView } from "../api/session";
import type { SessionView } from "../api/types";
import { Failed } from "../ui/Failed";
import { LanguageButton } from "./LanguageButton";
import { Waiting } from "./Waiting";
import { words } from "./words";

type Step = NonNullable<SessionView["step"]>;

const TITLES: Record<Step, [title: string, text: string]> = {
  second_factor: ["steps.codeTitle", "steps.codeText"],
  new_password: ["steps.passwordTitle", "steps.passwordText"],
  enrolment: ["steps.enrolTitle", "steps.enrolText"],
};

/** What the log-in still asks for; until it is done the session opens nothing else. */
export function LogInSteps({ step }: { step: Step }) {
  const { t } = useTranslation();
  const logOut = useLogOut();
  const [title, text] = TITLES[step];
  useEffect(() => {
    document.title = `${t(title)} · ${t("app.name")}`;
  }, [t, title]);
  return (
    <div className="login">
      <div className="login-language">
        <LanguageButton />
      </div>
      <main className="login-card" data-testid={`step-${step}`}>
        <h1>{t(title)}</h1>
        <p className="login-lead">{t(text)}</p>
        {step === "second_factor" && <GiveCode />}
        {step === "new_password" && <ChoosePassword />}
        {step === "enrolment" && <MustEnrol />}
        <Button type="link" onClick={() => logOut.mutate()}>
          {t("steps.logOut")}
        </Button>
      </main>
    </div>
  );
}

/** A form whose answer is the session after this step. */
function StepForm<T>({ ask, submit, children }: { ask: (values: T) => Promise<SessionView>; submit: string; children: ReactNode }) {
  const take = useSessionView();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);

  async function send(values: T) {
    setBusy(true);
    setRefused(null);
    try {
      take(await ask(values));
    } catch (error) {
      setRefused(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Form layout="vertical" requiredMark={false} size="large" onFinish={(values: T) => void send(values)}>
      {refused !== null && <Alert type="error" showIcon role="alert" title={words(refused)} className="login-error" />}
      {children}
      <Button type="primary" htmlType="submit" block loading={busy} data-testid="step-submit">
        {submit}
      </Button>
    </Form>
  );
}

function GiveCode() {
  const { t } = useTranslation();
  return (
    <StepForm<{ code: string }>
      submit={t("steps.confirm")}
      ask={({ code }) => unwrap(api.POST("/api/session/second-factor", { body: { code: code.trim() } }))}
    >
      <Form.Item name="code" label={t("steps.code")} rules={[{ required: true, min: 6, message: t("steps.needCode") }]}>
        {/* The page holds nothing else: the first thing to do is to type here. */}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
        <Input autoFocus autoComplete="one-time-code" maxLength={20} data-testid="code" />
      </Form.Item>
    </StepForm>
  );
}

function ChoosePassword() {
  const { t } = useTranslation();
  return (
    <StepForm<{ password: string }>
      submit={t("account.change")}
      ask={({ password }) => unwrap(api.PUT("/api/session/password", { body: { old_password: "", new_password: password } }))}
    >
      <NewPassword />
    </StepForm>
  );
}

function MustEnrol() {
  const { t } = useTranslation();
  const take = useSessionView();
  const begun = useQuery({
    queryKey: ["enrolment"],
    queryFn: () => unwrap(api.POST("/api/account/second-factor", { body: { password: "" } })),
    staleTime: Infinity,
    gcTime: 0,
  });
  if (begun.isPending) return <Waiting />;
  if (begun.isError) return <Failed error={begun.error} onRetry={() => void begun.refetch()} />;
  return <Enrol enrolment={begun.data} doneText={t("steps.goOn")} onDone={take} />;
}

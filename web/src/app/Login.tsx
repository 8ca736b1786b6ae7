import { Alert, Button, Form, Input } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLogIn } from "../api/session";
import { LanguageButton } from "./LanguageButton";
import { words } from "./words";

interface Entered {
  username: string;
  password: string;
}

export function Login() {
  const { t } = useTranslation();
  const logIn = useLogIn();
  const [form] = Form.useForm<Entered>();
  useEffect(() => {
    document.title = `${t("login.title")} · ${t("app.name")}`;
  }, [t]);

  return (
    <div className="login">
      <div className="login-language">
        <LanguageButton />
      </div>
      <main className="login-card">
        <img src="/icon.svg" alt="" width={44} height={44} />
        <h1>{t("app.name")}</h1>
        <p className="login-lead">{t("login.lead")}</p>
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          size="large"
          onFinish={(entered: Entered) =>
            logIn.mutate(entered, {
              onError: () => {
                form.setFieldValue("password", "");
                form.focusField("password");
              },
            })
          }
        >
          {logIn.isError && <Alert type="error" showIcon role="alert" title={words(logIn.error)} className="login-error" />}
          <Form.Item name="username" label={t("login.username")} rules={[{ required: true, message: t("login.needUsername") }]}>
            {/* The page holds nothing else: the first thing to do is to type here. */}
            {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
            <Input autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus maxLength={100} />
          </Form.Item>
          <Form.Item name="password" label={t("login.password")} rules={[{ required: true, message: t("login.needPassword") }]}>
            <Input.Password autoComplete="current-password" maxLength={200} />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={logIn.isPending}>
            {t("login.submit")}
          </Button>
        </Form>
      </main>
      <footer className="login-citizen">
        <Link to="/call">{t("login.citizen")}</Link>
      </footer>
    </div>
  );
}

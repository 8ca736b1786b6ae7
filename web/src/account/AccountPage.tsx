import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { forgetSession } from "../api/session";
import type { AccountView } from "../api/types";
import { Waiting } from "../app/Waiting";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { Failed } from "../ui/Failed";
import { ServiceForm } from "../ui/form/ServiceForm";
import { Moment } from "../ui/Moment";
import { StatusTag } from "../ui/StatusTag";
import "./account.css";
import { NewPassword } from "./NewPassword";
import { SecondFactor } from "./SecondFactor";
import { SessionList } from "./SessionList";

const ACCOUNT = ["account"];

/** Who one is, how one logs in, and where one is logged in. */
export default function AccountPage() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ACCOUNT, queryFn: () => unwrap(api.GET("/api/account")), staleTime: 0 });
  useEffect(() => {
    document.title = `${t("account.title")} · ${t("app.name")}`;
  }, [t]);
  if (query.isPending) return <Waiting />;
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  return <Account account={query.data} onChanged={() => void query.refetch()} />;
}

function Account({ account, onChanged }: { account: AccountView; onChanged: () => void }) {
  const { t } = useTranslation();
  const { user } = account;
  return (
    <div className="page account" data-testid="account">
      <div className="page-head">
        <h1>{t("account.title")}</h1>
      </div>
      <section className="card">
        <dl className="facts">
          <dt>{t("account.name")}</dt>
          <dd>{user.name}</dd>
          <dt>{t("account.username")}</dt>
          <dd>{user.username}</dd>
          <dt>{t("account.roles")}</dt>
          <dd className="tags">
            {user.roles.length === 0 && t("account.noRoles")}
            {user.roles.map((role) => (
              <StatusTag key={role} tone="brand">
                {t(`role.${role}.name`)}
              </StatusTag>
            ))}
          </dd>
        </dl>
      </section>
      <section className="card">
        <h2>{t("account.factor")}</h2>
        <SecondFactor factor={account.second_factor} onChanged={onChanged} />
      </section>
      <section className="card">
        <h2>{t("account.sessions")}</h2>
        <Sessions account={account} onChanged={onChanged} />
      </section>
      <section className="card">
        <h2>{t("account.password")}</h2>
        <p className="quiet">
          {account.password_changed_at === null ? (
            t("account.passwordNever")
          ) : (
            <>
              {t("account.passwordChanged")} <Moment iso={account.password_changed_at} />
            </>
          )}
        </p>
        <Password onChanged={onChanged} />
      </section>
    </div>
  );
}

interface Passwords {
  old: string;
  password: string;
  repeat: string;
}

const OWNER: Record<string, keyof Passwords> = {
  "account.password_short": "password",
  "account.password_common": "password",
  "account.password_username": "password",
  "account.password_reused": "password",
};

function Password({ onChanged }: { onChanged: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<Passwords>();

  async function change({ old, password }: Passwords) {
    await unwrap(api.PUT("/api/session/password", { body: { old_password: old, new_password: password } }));
    form.resetFields();
    void message.success(t("account.changed"));
    onChanged();
  }
  return (
    <div className="account-form">
      <ServiceForm<Passwords>
        form={form}
        initial={{}}
        fields={["old", "password", "repeat"]}
        owner={OWNER}
        onSave={change}
        submit={t("account.change")}
      >
        <Form.Item
          name="old"
          label={t("account.oldPassword")}
          rules={[{ required: true, message: t("account.needPassword") }]}
        >
          <Input.Password autoComplete="current-password" maxLength={256} data-testid="old-password" />
        </Form.Item>
        <NewPassword />
      </ServiceForm>
    </div>
  );
}

function Sessions({ account, onChanged }: { account: AccountView; onChanged: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);

  async function endAll() {
    await unwrap(api.DELETE("/api/account/sessions"));
    forgetSession(client);
  }
  return (
    <>
      <SessionList
        sessions={account.sessions}
        onEnd={async ({ id }) => {
          await unwrap(api.DELETE("/api/account/sessions/{session_id}", { params: { path: { session_id: id } } }));
          onChanged();
        }}
      />
      <Button danger onClick={() => setAsking(true)} data-testid="end-all">
        {t("account.endAll")}
      </Button>
      <ConfirmWithReason
        open={asking}
        title={t("account.endAllTitle")}
        text={t("account.endAllText")}
        okText={t("account.endAll")}
        danger
        onConfirm={endAll}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

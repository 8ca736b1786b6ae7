import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { StatusTag } from "../ui/StatusTag";
import { useEdit } from "./useEdit";
import { UserPassword } from "./UserForm";
import { type Access, type User, USERS } from "./users";

/** How a user comes in: sessions, locks, password and second factor. Nobody changes their own here. */
export function UserAccess({ user, own }: { user: User; own: boolean }) {
  const { t } = useTranslation();
  const [setting, setSetting] = useState(false);
  const [resetting, setResetting] = useState(false);
  const edit = useEdit(USERS);
  const params = { params: { path: { user_id: user.id } } };
  const query = useQuery({
    queryKey: [...USERS, "access", user.id],
    queryFn: () => unwrap(api.GET("/api/users/{user_id}/access", params)),
  });
  const access = query.data;
  return (
    <section data-testid="user-access">
      <h3>{t("users.access")}</h3>
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {access && <Sessions user={user} access={access} />}
      {own ? (
        <p className="quiet">{t("users.ownAccess")}</p>
      ) : setting ? (
        <UserPassword user={user} onDone={() => setSetting(false)} />
      ) : (
        <div className="form-buttons">
          <Button onClick={() => setSetting(true)} data-testid="user-password">
            {t("users.setPassword")}
          </Button>
          {access && access.locks.length > 0 && (
            <Button onClick={() => void edit(unwrap(api.POST("/api/users/{user_id}/unlock", params)))}>{t("users.unlock")}</Button>
          )}
          {user.second_factor && <Button onClick={() => setResetting(true)}>{t("users.resetSecondFactor")}</Button>}
        </div>
      )}
      <ConfirmWithReason
        open={resetting}
        title={t("users.resetSecondFactor")}
        text={t("users.resetSecondFactorText")}
        okText={t("users.resetSecondFactor")}
        danger
        onConfirm={() => edit(unwrap(api.POST("/api/users/{user_id}/second-factor/reset", params)))}
        onClose={() => setResetting(false)}
      />
    </section>
  );
}

function Sessions({ user, access }: { user: User; access: Access }) {
  const { t } = useTranslation();
  const edit = useEdit(USERS);
  const path = { user_id: user.id };
  if (access.sessions.length === 0) return <p className="quiet">{t("users.noSession")}</p>;
  return (
    <>
      {access.sessions.map((session) => (
        <article key={session.id} className="person-entry">
          <div className="person-head">
            <strong>{session.address}</strong>
            {session.current && <StatusTag tone="brand">{t("users.thisSession")}</StatusTag>}
            <span className="quiet">
              {t("users.lastUsed")} <Moment iso={session.used_at} />
            </span>
            <Button
              size="small"
              type="text"
              danger
              onClick={() =>
                void edit(
                  unwrap(api.DELETE("/api/users/{user_id}/sessions/{session_id}", { params: { path: { ...path, session_id: session.id } } })),
                )
              }
            >
              {t("users.endSession")}
            </Button>
          </div>
          <p className="quiet">{session.user_agent}</p>
        </article>
      ))}
      <Button size="small" danger onClick={() => void edit(unwrap(api.DELETE("/api/users/{user_id}/sessions", { params: { path } })))}>
        {t("users.endAll")}
      </Button>
    </>
  );
}

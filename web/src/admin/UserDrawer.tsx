import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { SideDrawer } from "../ui/SideDrawer";
import { useEdit } from "./useEdit";
import { UserAccess } from "./UserAccess";
import { UserOrganisation, UserRoles } from "./UserForm";
import { Roles, State } from "./UsersPage";
import { type User, USERS } from "./users";

interface Props {
  id: string | null;
  viewer: SessionUser;
  onClose: () => void;
}

export function UserDrawer({ id, viewer, onClose }: Props) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: [...USERS, "one", id],
    queryFn: () => unwrap(api.GET("/api/users/{user_id}", { params: { path: { user_id: id ?? "" } } })),
    enabled: id !== null,
  });
  return (
    <SideDrawer open={id !== null} title={query.data?.name ?? t("section.users")} onClose={onClose} testId="user-drawer">
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <Detail key={query.data.id} user={query.data} viewer={viewer} />}
    </SideDrawer>
  );
}

function Detail({ user, viewer }: { user: User; viewer: SessionUser }) {
  const { t } = useTranslation();
  const edit = useEdit(USERS);
  const [asking, setAsking] = useState(false);
  const params = { params: { path: { user_id: user.id } } };
  return (
    <>
      <dl className="facts">
        <dt>{t("users.username")}</dt>
        <dd>{user.username}</dd>
        <dt>{t("users.state")}</dt>
        <dd>
          <State user={user} />
        </dd>
        <dt>{t("users.organisation")}</dt>
        <dd>{user.organisation}</dd>
        <dt>{t("users.roles")}</dt>
        <dd>
          <Roles user={user} />
        </dd>
        <dt>{t("users.passwordIs")}</dt>
        <dd>{t(`users.passwordState.${user.password_state}`)}</dd>
        <dt>{t("users.created")}</dt>
        <dd>
          <Moment iso={user.created_at} />
        </dd>
        {may(viewer, "audit.read") && (
          <>
            <dt>{t("section.audit")}</dt>
            <dd>
              <Link to={`/admin/audit?user_id=${user.id}`}>{t("users.auditOf")}</Link>
            </dd>
          </>
        )}
      </dl>
      {may(viewer, "role.assign") && (
        <>
          <h3>{t("users.roles")}</h3>
          <UserRoles key={user.roles.join()} user={user} />
        </>
      )}
      {may(viewer, "access.manage") && <UserAccess user={user} own={user.id === viewer.id} />}
      {may(viewer, "user.manage") && (
        <>
          <h3>{t("users.organisation")}</h3>
          <UserOrganisation key={user.organisation_id} user={user} />
          <h3>{t("users.leave")}</h3>
          {user.active ? (
            <Button danger disabled={user.id === viewer.id} onClick={() => setAsking(true)} data-testid="user-deactivate">
              {t("admin.deactivate")}
            </Button>
          ) : (
            <Button onClick={() => void edit(unwrap(api.POST("/api/users/{user_id}/activate", params)))} data-testid="user-activate">
              {t("admin.activate")}
            </Button>
          )}
        </>
      )}
      <ConfirmWithReason
        open={asking}
        title={t("users.deactivateTitle", { name: user.name })}
        text={t("users.deactivateText")}
        okText={t("admin.deactivate")}
        danger
        onConfirm={() => edit(unwrap(api.POST("/api/users/{user_id}/deactivate", params)))}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

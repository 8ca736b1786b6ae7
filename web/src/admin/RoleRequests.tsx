import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { useEdit } from "./useEdit";
import { type RoleRequest, REQUESTS, USERS } from "./users";

/** Roles that wait for a second person. */
export function RoleRequests() {
  const { t } = useTranslation();
  const edit = useEdit(USERS, REQUESTS);
  const [deciding, setDeciding] = useState<{ request: RoleRequest; approve: boolean } | null>(null);
  const query = useQuery({ queryKey: REQUESTS, queryFn: () => unwrap(api.GET("/api/role-requests")) });
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  const requests = query.data?.items ?? [];
  if (requests.length === 0) return null;
  const names = (request: RoleRequest) => request.roles.map((role) => t(`role.${role}.name`)).join(t("home.and"));

  async function decide(reason: string) {
    if (deciding === null) return;
    const given = { params: { path: { request_id: deciding.request.id } }, body: { reason } };
    await edit(
      unwrap(deciding.approve ? api.POST("/api/role-requests/{request_id}/approve", given) : api.POST("/api/role-requests/{request_id}/refuse", given)),
    );
  }
  return (
    <section className="card" data-testid="role-requests">
      <h2>{t("users.requests")}</h2>
      {requests.map((request) => (
        <div key={request.id} className="person-entry person-head">
          <Link to={`/admin/users/${request.user_id}`}>{request.name}</Link>
          <strong>{names(request)}</strong>
          <span className="quiet">
            {t("users.requestedBy", { name: request.requested_by_name })} <Moment iso={request.requested_at} />
          </span>
          {request.may_approve && (
            <Button size="small" type="primary" onClick={() => setDeciding({ request, approve: true })}>
              {t("users.approve")}
            </Button>
          )}
          {request.may_refuse && (
            <Button size="small" onClick={() => setDeciding({ request, approve: false })}>
              {t("users.refuse")}
            </Button>
          )}
          {!request.may_approve && <span className="quiet">{t("users.another")}</span>}
        </div>
      ))}
      <ConfirmWithReason
        open={deciding !== null}
        title={t(deciding?.approve ? "users.approve" : "users.refuse")}
        text={deciding ? `${deciding.request.name}: ${names(deciding.request)}` : ""}
        okText={t(deciding?.approve ? "users.approve" : "users.refuse")}
        askReason={deciding?.approve === false}
        onConfirm={decide}
        onClose={() => setDeciding(null)}
      />
    </section>
  );
}

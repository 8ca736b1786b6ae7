import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import "../account/account.css";
import { api, unwrap } from "../api/client";
import type { RoleRequest } from "../api/types";
import { Waiting } from "../app/Waiting";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { EmptyState } from "../ui/EmptyState";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { StatusTag } from "../ui/StatusTag";
import { useEdit } from "./useEdit";

const REQUESTS = ["role-requests"];
type Asking = { request: RoleRequest; approve: boolean };

/** Roles that one administrator asked for and another decides. */
export default function RoleRequestsPage() {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: REQUESTS,
    queryFn: () => unwrap(api.GET("/api/role-requests", { params: { query: { state: "pending" } } })),
    staleTime: 0,
  });
  const edit = useEdit(REQUESTS);
  const [asking, setAsking] = useState<Asking | null>(null);
  useEffect(() => {
    document.title = `${t("access.pendingTitle")} · ${t("app.name")}`;
  }, [t]);
  const named = (request: RoleRequest) => request.roles.map((role) => t(`role.${role}.name`)).join(t("home.and"));

  function decide({ request, approve }: Asking, reason: string) {
    const options = { params: { path: { request_id: request.id } }, body: { reason } };
    return edit(
      approve
        ? unwrap(api.POST("/api/role-requests/{request_id}/approve", options))
        : unwrap(api.POST("/api/role-requests/{request_id}/refuse", options)),
    );
  }
  const verb = asking?.approve ? "approve" : "refuse";
  return (
    <div className="page" data-testid="role-requests">
      <div className="page-head">
        <h1>{t("access.pendingTitle")}</h1>
      </div>
      {query.isPending && <Waiting />}
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && query.data.items.length === 0 && <EmptyState title={t("access.nonePending")} hint={t("access.pendingText")} />}
      <ul className="session-list">
        {query.data?.items.map((request) => (
          <li key={request.id} data-testid="role-request">
            <div>
              <strong>{request.name}</strong> {request.username}{" "}
              {request.roles.map((role) => (
                <StatusTag key={role} tone="amber">
                  {t(`role.${role}.name`)}
                </StatusTag>
              ))}
              <small>
                {t("access.asked", { name: request.requested_by_name })} · <Moment iso={request.requested_at} />
                {request.may_refuse && !request.may_approve && ` · ${t("access.approveOther")}`}
              </small>
            </div>
            {request.may_approve && (
              <Button type="primary" onClick={() => setAsking({ request, approve: true })} data-testid="approve">
                {t("access.approve")}
              </Button>
            )}
            {request.may_refuse && (
              <Button onClick={() => setAsking({ request, approve: false })} data-testid="refuse">
                {t(request.may_approve ? "access.refuse" : "access.withdraw")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ConfirmWithReason
        open={asking !== null}
        title={asking ? t(`access.${verb}Title`, { name: asking.request.name }) : ""}
        text={asking ? t(`access.${verb}Text`, { roles: named(asking.request) }) : ""}
        okText={t(`access.${verb}`)}
        danger={!asking?.approve}
        askReason={asking !== null && !asking.approve}
        onConfirm={(reason) => (asking ? decide(asking, reason) : Promise.resolve())}
        onClose={() => setAsking(null)}
      />
    </div>
  );
}

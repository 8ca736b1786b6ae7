import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { api, listPage } from "../api/client";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { PageHead } from "../ui/PageHead";
import { StatusTag } from "../ui/StatusTag";
import { oneOf } from "../ui/table/address";
import { type Column, DataTable } from "../ui/table/DataTable";
import { ChoiceFilter, TextFilter } from "../ui/table/filters";
import { useTable } from "../ui/table/useTable";
import { RoleRequests } from "./RoleRequests";
import { UserDrawer } from "./UserDrawer";
import { NewUser } from "./UserForm";
import { type User, USERS } from "./users";

const ACTIVE = ["true", "false"];

/** Who may log in, and as what. */
export default function UsersPage({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const { id } = useParams();
  const [params] = useSearchParams();
  const navigate = useNavigate();
  // `?new=` is how a unit's page asks for a user of its organisation.
  const [adding, setAdding] = useState(params.has("new"));
  const table = useTable<User>({
    name: USERS[0]!,
    filters: ["search", "active"],
    accepts: { active: oneOf(ACTIVE) },
    load: ({ active, ...query }) =>
      listPage(api.GET("/api/users", { params: { query: { ...query, ...(active && { active: active === "true" }) } } })),
  });
  const columns: Column<User>[] = [
    { key: "username", title: t("users.username"), render: (_, one) => <Link to={`/admin/users/${one.id}`}>{one.username}</Link> },
    { key: "name", title: t("users.name"), dataIndex: "name" },
    { key: "organisation", title: t("users.organisation"), dataIndex: "organisation" },
    { key: "roles", title: t("users.roles"), render: (_, one) => <Roles user={one} /> },
    { key: "state", title: t("users.state"), render: (_, one) => <State user={one} /> },
    { key: "secondFactor", title: t("users.secondFactor"), render: (_, one) => t(one.second_factor ? "users.yes" : "users.no") },
  ];
  const add = may(user, "user.manage") && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)} data-testid="user-new">
      {t("users.add")}
    </Button>
  );
  const { filters } = table.address;
  return (
    <div className="page">
      <PageHead title={t("section.users")} lead={t("section.usersDoes")}>
        {add}
      </PageHead>
      {may(user, "role.approve") && <RoleRequests />}
      <DataTable<User>
        table={table}
        columns={columns}
        rowKey={(one) => one.id}
        rowLink={(one) => `/admin/users/${one.id}`}
        label={t("section.users")}
        filters={
          <>
            <TextFilter value={filters.search} label={t("users.search")} onChange={(search) => table.filter({ search })} testId="user-search" />
            <ChoiceFilter
              value={filters.active}
              label={t("users.state")}
              options={ACTIVE.map((value) => ({ value, label: t(value === "true" ? "admin.active" : "admin.inactive") }))}
              onChange={(active) => table.filter({ active })}
            />
          </>
        }
        empty={{ title: t("users.none"), hint: t("users.noneHint"), action: add }}
      />
      <UserDrawer id={id ?? null} viewer={user} onClose={() => void navigate(`/admin/users${params.size > 0 ? `?${params}` : ""}`)} />
      <NewUser open={adding} organisation={params.get("new")} onClose={() => setAdding(false)} />
    </div>
  );
}

export function Roles({ user }: { user: User }) {
  const { t } = useTranslation();
  return (
    <span className="tags">
      {user.roles.map((role) => (
        <StatusTag key={role} tone="brand">
          {t(`role.${role}.name`)}
        </StatusTag>
      ))}
      {user.pending_roles.length > 0 && <StatusTag tone="amber">{t("users.pending", { roles: user.pending_roles.map((role) => t(`role.${role}.name`)).join(t("home.and")) })}</StatusTag>}
      {user.roles.length + user.pending_roles.length === 0 && <span className="quiet">{t("users.noRole")}</span>}
    </span>
  );
}

export function State({ user }: { user: User }) {
  const { t } = useTranslation();
  return (
    <span className="tags">
      <StatusTag tone={user.active ? "green" : "plain"}>{t(user.active ? "admin.active" : "admin.inactive")}</StatusTag>
      {user.locked && <StatusTag tone="red">{t("users.locked")}</StatusTag>}
    </span>
  );
}

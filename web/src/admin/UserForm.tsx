import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, unwrap } from "../api/client";
import { ServiceForm } from "../ui/form/ServiceForm";
import { SideDrawer } from "../ui/SideDrawer";
import { OrganisationSelect } from "./OrganisationSelect";
import { ORGANISATIONS, useOrganisations } from "./organisations";
import { useEdit } from "./useEdit";
import { type Role, type User, REQUESTS, USERS } from "./users";

const PASSWORD = {
  "account.password_short": "password",
  "account.password_common": "password",
  "account.password_username": "password",
  "account.password_reused": "password",
} as const;

interface Draft {
  username: string;
  name: string;
  password: string;
  organisation_id: string;
  roles: Role[];
}

interface NewUserProps {
  open: boolean;
  /** Where the user is to belong; else to the root. */
  organisation?: string | null;
  onClose: () => void;
}

export function NewUser({ open, organisation, onClose }: NewUserProps) {
  const { t } = useTranslation();
  const edit = useEdit(USERS, REQUESTS, ORGANISATIONS);
  const navigate = useNavigate();
  const root = useOrganisations().data?.find((one) => one.parent_id === null)?.id;
  return (
    <SideDrawer open={open} title={t("users.add")} onClose={onClose} testId="user-form">
      <ServiceForm<Draft>
        key={root ?? ""}
        initial={{ roles: [], organisation_id: organisation ?? root }}
        fields={["username", "name", "password", "organisation_id", "roles"]}
        owner={{ "account.username_taken": "username", "account.roles_conflict": "roles", ...PASSWORD }}
        onSave={async (body) => {
          const user = await edit(unwrap(api.POST("/api/users", { body })));
          onClose();
          void navigate(`/admin/users/${user.id}`);
        }}
        onCancel={onClose}
      >
        <Form.Item name="username" label={t("users.username")} extra={t("users.usernameHint")} rules={[{ required: true, message: t("form.required") }]}>
          <Input maxLength={64} autoCapitalize="none" autoComplete="off" spellCheck={false} />
        </Form.Item>
        <Form.Item name="name" label={t("users.name")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
          <Input maxLength={100} />
        </Form.Item>
        <NewPassword />
        <OrganisationSelect name="organisation_id" label={t("users.organisation")} />
        <RolesField hint={t("users.rolesNewHint")} />
      </ServiceForm>
    </SideDrawer>
  );
}

export function UserRoles({ user }: { user: User }) {
  const { t } = useTranslation();
  const edit = useEdit(USERS, REQUESTS);
  const path = { user_id: user.id };
  return (
    <ServiceForm<{ roles: Role[] }>
      initial={{ roles: user.roles }}
      fields={["roles"]}
      owner={{ "account.roles_conflict": "roles", "account.last_administrator": "roles", "account.own": "roles" }}
      onSave={(body) => edit(unwrap(api.PUT("/api/users/{user_id}/roles", { params: { path }, body })))}
    >
      <RolesField hint={t("users.rolesHint")} />
    </ServiceForm>
  );
}

export function UserOrganisation({ user }: { user: User }) {
  const { t } = useTranslation();
  const edit = useEdit(USERS, ORGANISATIONS);
  const path = { user_id: user.id };
  return (
    <ServiceForm<{ organisation_id: string }>
      initial={{ organisation_id: user.organisation_id }}
      fields={["organisation_id"]}
      owner={{ "organisation.inactive": "organisation_id" }}
      onSave={(body) => edit(unwrap(api.PUT("/api/users/{user_id}/organisation", { params: { path }, body })))}
    >
      <OrganisationSelect name="organisation_id" label={t("users.organisation")} />
    </ServiceForm>
  );
}

export function UserPassword({ user, onDone }: { user: User; onDone: () => void }) {
  const { t } = useTranslation();
  const edit = useEdit(USERS);
  const path = { user_id: user.id };
  return (
    <ServiceForm<{ password: string }>
      initial={{}}
      fields={["password"]}
      owner={PASSWORD}
      submit={t("users.setPassword")}
      onSave={async (body) => {
        await edit(unwrap(api.PUT("/api/users/{user_id}/password", { params: { path }, body })));
        onDone();
      }}
      onCancel={onDone}
    >
      <NewPassword />
    </ServiceForm>
  );
}

function NewPassword() {
  const { t } = useTranslation();
  return (
    <Form.Item name="password" label={t("users.password")} extra={t("users.passwordHint")} rules={[{ required: true, message: t("form.required") }]}>
      <Input.Password maxLength={256} autoComplete="new-password" />
    </Form.Item>
  );
}

function RolesField({ hint }: { hint: string }) {
  const { t, i18n } = useTranslation();
  const resources = i18n.getResourceBundle("zh-CN", "translation") as { role: Record<Role, unknown> };
  const options = Object.keys(resources.role).map((role) => ({ value: role, label: t(`role.${role}.name`) }));
  return (
    <Form.Item name="roles" label={t("users.roles")} extra={hint}>
      <Select mode="multiple" options={options} optionFilterProp="label" />
    </Form.Item>
  );
}

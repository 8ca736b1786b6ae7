import { CheckOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { Failed } from "../ui/Failed";
import { PageHead } from "../ui/PageHead";

/** What each role may do, in words. */
export default function RolesPage() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["roles"], queryFn: () => unwrap(api.GET("/api/roles")), staleTime: Infinity });
  const roles = query.data ?? [];
  const permissions = [...new Set(roles.flatMap((role) => role.permissions))];
  return (
    <div className="page">
      <PageHead title={t("section.roles")} lead={t("section.rolesDoes")} />
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {roles.length > 0 && (
        // Wider than a window: who uses the keyboard scrolls it too.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="matrix" tabIndex={0} role="region" aria-label={t("section.roles")}>
          <table data-testid="role-matrix">
            <thead>
              <tr>
                <th scope="col">{t("roles.may")}</th>
                {roles.map(({ role }) => (
                  <th key={role} scope="col">
                    {t(`role.${role}.name`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {permissions.map((permission) => (
                <tr key={permission}>
                  <th scope="row">{t(`permission.${permission.replace(".", "_")}`)}</th>
                  {roles.map(({ role, permissions: allowed }) => (
                    <td key={role}>
                      {allowed.includes(permission) && <CheckOutlined aria-label={t("roles.yes")} />}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

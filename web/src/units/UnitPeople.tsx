import { UserAddOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { Failed } from "../ui/Failed";
import { StatusTag } from "../ui/StatusTag";
import { peopleOf } from "./units";

interface Props {
  id: string;
  organisationId?: string | null;
  user: SessionUser;
}

/** The users who work for a unit, and for who manages users the way to a new one there. */
export function UnitPeople({ id, organisationId, user }: Props) {
  const { t } = useTranslation();
  const people = useQuery(peopleOf(id));
  return (
    <section data-testid="unit-people">
      <h3>{t("units.people")}</h3>
      {people.isError && <Failed error={people.error} onRetry={() => void people.refetch()} />}
      {people.data?.length === 0 && <p className="quiet">{t("units.noPeople")}</p>}
      {people.data?.map((one) => (
        <div key={one.id} className="person-entry person-head">
          <strong>{may(user, "user.read") ? <Link to={`/admin/users/${one.id}`}>{one.name}</Link> : one.name}</strong>
          <span className="quiet">{one.username}</span>
          {one.roles.map((role) => (
            <StatusTag key={role} tone="brand">
              {t(`role.${role}.name`)}
            </StatusTag>
          ))}
          {!one.active && <StatusTag tone="plain">{t("admin.inactive")}</StatusTag>}
        </div>
      ))}
      {may(user, "user.manage") && organisationId && (
        <p>
          <Link to={`/admin/users?new=${organisationId}`}>
            <UserAddOutlined /> {t("units.addPerson")}
          </Link>
        </p>
      )}
    </section>
  );
}

import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { SessionUser } from "../api/types";
import { StatusTag } from "../ui/StatusTag";
import { OwnDuty } from "../units/OwnDuty";
import { Administrators } from "./Administrators";
import { HomeFigures } from "./HomeFigures";
import { HomeWork } from "./HomeWork";
import { useSections } from "./useSections";

/** What this user's roles let them do, with today's figures; without any role, who can give one. */
export default function HomePage({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const sections = useSections(user).filter((section) => section.path !== "/");
  useEffect(() => {
    document.title = `${t("section.home")} · ${t("app.name")}`;
  }, [t]);
  return (
    <div className="page" data-testid="home">
      <div className="page-head">
        <h1>{t("home.hello", { name: user.name })}</h1>
        <span className="tags">
          {user.roles.map((role) => (
            <StatusTag key={role} tone="brand">
              {t(`role.${role}.name`)}
            </StatusTag>
          ))}
        </span>
      </div>
      {user.roles.length === 0 && (
        <section className="card" data-testid="no-role">
          <h2>{t("home.noRole")}</h2>
          <p>{t("home.noRoleText")}</p>
          <Administrators />
        </section>
      )}
      <OwnDuty user={user} />
      <HomeWork user={user} />
      <HomeFigures user={user} />
      {sections.length > 0 && (
        <ul className="home-sections">
          {sections.map((section) => (
            <li key={section.path}>
              <Link to={section.path} data-testid={`home-${section.key}`}>
                <span aria-hidden className="rail-icon">
                  {section.icon}
                </span>
                <span>
                  <strong>{t(`section.${section.key}`)}</strong>
                  <span>{t(`section.${section.key}Does`)}</span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

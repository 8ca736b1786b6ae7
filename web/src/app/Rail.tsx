import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import type { Section } from "./section";

interface Props {
  sections: Section[];
  collapsed: boolean;
  onChoose?: () => void;
}

/** The sections a user may open, as icons with their words; in groups where there is more than daily work. */
export function Rail({ sections, collapsed, onChoose }: Props) {
  const { t } = useTranslation();
  const groups = (["work", "admin"] as const)
    .map((group) => ({ group, items: sections.filter((section) => section.group === group) }))
    .filter(({ items }) => items.length > 0);
  return (
    <nav className="rail-nav" aria-label={t("app.sections")}>
      {groups.map(({ group, items }) => (
        <section key={group} aria-label={t(`section.${group}Group`)}>
          {group === "admin" && <h2 className={collapsed ? "only-spoken" : "rail-group"}>{t("section.adminGroup")}</h2>}
          <ul>
            {items.map((section) => {
              const word = t(`section.${section.key}`);
              return (
                <li key={section.path}>
                  <NavLink
                    to={section.path}
                    end={section.path === "/"}
                    title={collapsed ? word : undefined}
                    onClick={onChoose}
                    data-testid={`nav-${section.key}`}
                  >
                    <span aria-hidden className="rail-icon">
                      {section.icon}
                    </span>
                    <span className={collapsed ? "only-spoken" : "rail-word"}>{word}</span>
                  </NavLink>
                </li>
              );
            })}
          </ul>
        </section>
      ))}
    </nav>
  );
}

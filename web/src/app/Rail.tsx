import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import type { Section } from "./section";

interface Props {
  sections: Section[];
  collapsed: boolean;
  onChoose?: () => void;
}

/** The sections a user may open, as icons with their words; in groups where there is more than daily work. */
export function Rail({ sections, collapsed, onChoose }: Props) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const here = sectionAt(sections, pathname);
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
                  <Link
                    to={section.path}
                    aria-current={section === here ? "page" : undefined}
                    title={collapsed ? word : undefined}
                    onClick={onChoose}
                    data-testid={`nav-${section.key}`}
                  >
                    <span aria-hidden className="rail-icon">
                      {section.icon}
                    </span>
                    <span className={collapsed ? "only-spoken" : "rail-word"}>{word}</span>
                  </Link>
                </li>
              );
            })}
          </ul>
        </section>
      ))}
    </nav>
  );
}

/** The section whose page this is: of one within another, the inner one. */
function sectionAt(sections: Section[], pathname: string): Section | undefined {
  const within = sections.filter(({ path }) => (path === "/" ? pathname === "/" : `${pathname}/`.startsWith(`${path}/`)));
  return within.sort((one, other) => other.path.length - one.path.length)[0];
}

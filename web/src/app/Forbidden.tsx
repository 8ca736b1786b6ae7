import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Administrators } from "./Administrators";
import type { Section } from "./section";

/** A page that another role opens: which it is, who can give it, and the way home. */
export function Forbidden({ section }: { section: Section }) {
  const { t } = useTranslation();
  return (
    <div className="page">
      <h1>{t("app.forbidden", { page: t(`section.${section.key}`) })}</h1>
      <Administrators />
      <p>
        <Link to="/">{t("notFound.home")}</Link>
      </p>
    </div>
  );
}

import { useTranslation } from "react-i18next";
import { Link } from "react-router";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <main className="whole-page">
      <h1>404 · {t("notFound.title")}</h1>
      <p>{t("notFound.text")}</p>
      <p>
        <Link className="plain-button" to="/">
          {t("notFound.home")}
        </Link>
      </p>
      <Link to="/call">{t("notFound.call")}</Link>
    </main>
  );
}

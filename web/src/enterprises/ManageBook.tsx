import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ImportButton } from "../ui/import/ImportButton";

/** For those who keep the book in order: import a file, look at duplicates. */
export function ManageBook() {
  const { t } = useTranslation();
  return (
    <>
      <Link to="/enterprises/duplicates">{t("enterprises.duplicates")}</Link>
      <ImportButton
        kind="enterprises"
        title={t("enterprises.import")}
        hint={t("enterprises.importHint")}
        refreshes={["enterprises"]}
        testId="enterprise-import"
      />
    </>
  );
}

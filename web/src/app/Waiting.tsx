import { useTranslation } from "react-i18next";

export function Waiting() {
  const { t } = useTranslation();
  return (
    <div className="whole-page" role="status">
      <p>{t("common.loading")}</p>
    </div>
  );
}

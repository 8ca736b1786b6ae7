import { useTranslation } from "react-i18next";
import { speak } from "../i18n";

export function LanguageButton({ className }: { className?: string }) {
  const { t, i18n } = useTranslation();
  const other = i18n.language === "en" ? "zh-CN" : "en";
  return (
    <button type="button" className={className ?? "language-button"} lang={other} onClick={() => speak(other)}>
      {t("common.language")}
    </button>
  );
}

import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";
import { zh } from "./zh";

export type Language = "zh-CN" | "en";
const KEPT = "hotline.language";

function first(): Language {
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept === "zh-CN" || kept === "en") return kept;
  } catch {
    // Storage may be forbidden; Chinese is what most people here read.
  }
  return "zh-CN";
}

void i18next.use(initReactI18next).init({
  resources: { "zh-CN": { translation: zh }, en: { translation: en } },
  lng: first(),
  fallbackLng: "zh-CN",
  interpolation: { escapeValue: false },
  returnNull: false,
});
document.documentElement.lang = i18next.language;

export function speak(language: Language): void {
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // Then it holds for this page only.
  }
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}

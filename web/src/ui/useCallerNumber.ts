import { useCallback } from "react";
import { useTranslation } from "react-i18next";

/** A caller's number, or what stands in its place: a browser has none to show. */
export function useCallerNumber(): (number: string, entry: string) => string {
  const { t } = useTranslation();
  return useCallback((number, entry) => number || t(entry === "web" ? "calls.webCaller" : "calls.hiddenNumber"), [t]);
}

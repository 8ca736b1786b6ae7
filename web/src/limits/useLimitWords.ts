import { useTranslation } from "react-i18next";
import { TYPES, URGENCIES } from "../cases/workLists";
import { amountOf, isAroundTheClock, type Limit, PROFILES, partsOf } from "./limits";

/** Limits in the reader's words. */
export function useLimitWords() {
  const { t } = useTranslation();
  const step = (name: Limit["step"]) => t(`limitTable.steps.${name}`);
  const of = (name: string) => {
    const type = TYPES.find((one) => one === name);
    if (type) return t(`caseType.${type}`);
    const urgency = URGENCIES.find((one) => one === name);
    return urgency ? t(`case.urgency.${urgency}`) : "";
  };
  return {
    step,
    of,
    source: (source: string) => (source === "default" ? t("limitTable.default") : source),
    amount: (text: string, hours: string) => {
      const { count, unit } = amountOf(text);
      return t(`limitTable.${isAroundTheClock(hours) ? "clock" : "working"}.${unit}`, { count });
    },
    key: (key: string) => {
      const parts = partsOf(key);
      const profile = PROFILES.find((one) => one === parts.profile);
      return [profile && t(`limitTable.profile.${profile}`), step(parts.step as Limit["step"]), of(parts.of)].filter(Boolean).join(" · ");
    },
  };
}

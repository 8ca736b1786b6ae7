import { useTranslation } from "react-i18next";
import type { Outcome } from "../api/types";

const COLOUR: Partial<Record<Outcome, string>> = {
  answered: "green",
  live: "brand",
  abandoned_queue: "red",
  failed: "red",
  abandoned_menu: "amber",
  safe_flow: "amber",
  voicemail: "violet",
};

export function OutcomeTag({ outcome }: { outcome: Outcome }) {
  const { t, i18n } = useTranslation();
  const key = `outcome.${outcome}`;
  return <span className={`tag ${COLOUR[outcome] ?? ""}`}>{i18n.exists(key) ? t(key) : outcome}</span>;
}

import { useTranslation } from "react-i18next";
import { StatusTag } from "../../ui/StatusTag";
import type { PromptSound } from "./states";

/** Where a sound comes from, how long and how loud it is, and what is wrong with it. */
export function SoundFacts({ sound }: { sound: PromptSound }) {
  const { t } = useTranslation();
  const { source, licensed, loudness, level, seconds, current } = sound;
  const missing = source === "missing";
  return (
    <span className="sound-facts">
      <StatusTag tone={missing ? "red" : source === "recording" ? "green" : "plain"}>{t(`prompts.source.${source}`)}</StatusTag>
      {!missing && !licensed && <StatusTag tone="amber">{t("prompts.state.unlicensed")}</StatusTag>}
      {!current && <StatusTag tone="amber">{t("prompts.state.stale")}</StatusTag>}
      {loudness && loudness !== "ok" && <StatusTag tone="amber">{t(`prompts.loudness.${loudness}`)}</StatusTag>}
      {seconds !== null && <span className="quiet">{t("prompts.seconds", { seconds: seconds.toFixed(1) })}</span>}
      {level !== null && <span className="quiet">{t("prompts.level", { level: level.toFixed(1) })}</span>}
    </span>
  );
}

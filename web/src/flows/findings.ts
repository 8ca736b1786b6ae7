import { useTranslation } from "react-i18next";
import type { Tone } from "../ui/StatusTag";
import type { FlowDifference, FlowProblem } from "./flows";

export const TONES: Record<FlowProblem["severity"], Tone> = { error: "red", warning: "amber", hint: "plain" };

export const CHANGE_TONES: Record<FlowDifference["change"], Tone> = { added: "green", removed: "red", changed: "amber" };

/** Such as `nodes.menu.branches.silence`. */
export function placeOf({ path }: FlowProblem): string {
  return path.join(".");
}

/** Of the findings of one flow. */
export function keyOf(problem: FlowProblem): string {
  return `${problem.rule} ${placeOf(problem)} ${problem.message.en}`;
}

/** What a finding says, in the reader's language. */
export function useFindingText(): (text: FlowProblem["message"]) => string {
  const { i18n } = useTranslation();
  return (text) => (text[i18n.language === "en" ? "en" : "zh"]);
}

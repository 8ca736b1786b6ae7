import { useTranslation } from "react-i18next";
import type { TrafficLightColour } from "../api/types";
import { StatusTag, type Tone } from "../ui/StatusTag";

const TONES: Record<TrafficLightColour, Tone> = { green: "green", yellow: "amber", red: "red", grey: "plain" };

/** How near a deadline is: the colour repeats the word. */
export function TrafficLight({ light, word }: { light: TrafficLightColour; word?: string }) {
  const { t } = useTranslation();
  return <StatusTag tone={TONES[light]}>{word ?? t(`limits.light.${light}`)}</StatusTag>;
}

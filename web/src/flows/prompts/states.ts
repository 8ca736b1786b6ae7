import type { components } from "../../api/generated";
import type { Tone } from "../../ui/StatusTag";

export type Prompt = components["schemas"]["PromptView"];
export type PromptSound = components["schemas"]["PromptSoundView"];

export const STATES = ["missing", "unlicensed", "loudness", "stale", "unused", "recorded", "own"] as const;
export type PromptState = (typeof STATES)[number];

/** As an address names it: the word of a number is "digits.7" there. */
export const addressOf = (id: string) => id.replace("/", ".");
export const idOf = (address: string) => address.replace(".", "/");

/** What can be said of a prompt as a whole, for the list and its filter. */
export function statesOf({ own, sounds, uses }: Prompt): PromptState[] {
  const any = (test: (sound: PromptSound) => boolean) => sounds.some(test);
  const found: Record<PromptState, boolean> = {
    missing: any(({ source }) => source === "missing"),
    unlicensed: any(({ source, licensed }) => source !== "missing" && !licensed),
    loudness: any(({ loudness }) => loudness !== null && loudness !== undefined && loudness !== "ok"),
    stale: any(({ current }) => !current),
    unused: uses.length === 0,
    recorded: any(({ source }) => source === "recording"),
    own,
  };
  return STATES.filter((state) => found[state]);
}

export const STATE_TONES: Record<PromptState, Tone> = {
  missing: "red",
  unlicensed: "amber",
  loudness: "amber",
  stale: "amber",
  unused: "plain",
  recorded: "green",
  own: "brand",
};

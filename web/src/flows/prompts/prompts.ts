import { useQuery } from "@tanstack/react-query";
import { api, apiUrl, unwrap } from "../../api/client";
import type { components } from "../../api/generated";
import { offline, toProblem } from "../../api/problem";
import { sendFile } from "../../api/sendFile";
import { addressOf, type PromptSound } from "./states";

export type PromptListing = components["schemas"]["PromptListing"];
export type PromptUse = components["schemas"]["PromptUse"];
export type PromptLanguage = PromptSound["language"];

export const PROMPTS = ["prompts"];
export const LANGUAGES: readonly PromptLanguage[] = ["zh", "en"];
const loadListing = () => unwrap(api.GET("/api/prompts"));
export const loadPrompts = (): Promise<PromptListing> => loadListing();
export const usePrompts = () => useQuery({ queryKey: PROMPTS, queryFn: loadListing });

export function soundUrl(id: string, language: PromptLanguage, query: Record<string, string | number> = {}): string {
  return apiUrl(`/api/prompts/${addressOf(id)}/${language}/sound`, query);
}

/** A WAV of words that are not used yet. Rejects with a Problem. */
export async function tryWords(language: PromptLanguage, text: string, spoken: string): Promise<Blob> {
  const answer = await fetch("/api/prompts/trial", {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-Requested-With": "hotline", "Content-Type": "application/json" },
    body: JSON.stringify({ language, text, spoken }),
  }).catch(() => {
    throw offline();
  });
  if (!answer.ok) throw toProblem(answer.status, await answer.json().catch(() => null));
  return answer.blob();
}

interface Recording {
  id: string;
  language: PromptLanguage;
  text: string;
  version: number;
  isNew: boolean;
}

export function sendRecording({ id, language, text, version, isNew }: Recording, sound: Blob, onProgress: (share: number) => void) {
  const url = apiUrl(`/api/prompts/${addressOf(id)}/${language}/recording`, { version, text, new: String(isNew) });
  return sendFile<PromptSound>(url, sound, onProgress);
}

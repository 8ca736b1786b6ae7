import type { ReactNode } from "react";

export type Tone = "plain" | "brand" | "green" | "amber" | "red" | "violet";

/** A state in words; the colour repeats what the words say. */
export function StatusTag({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`tag ${tone}`}>{children}</span>;
}

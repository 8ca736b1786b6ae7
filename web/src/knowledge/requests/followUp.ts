/** What closing a consult case says about the knowledge base. Pure. */
import type { components } from "../../api/generated";

export type FollowUp = components["schemas"]["KnowledgeFollowUp"];
export type FollowUpNeed = components["schemas"]["FollowUpNeed"];

export const NEEDS: FollowUpNeed[] = ["new", "amend", "none"];

/** The field's text that says what is missing; null where it can be sent. */
export function missingOf(value: Partial<FollowUp> | undefined): "need" | "question" | "entry" | null {
  if (!value?.need) return "need";
  if (value.need === "none") return null;
  if ((value.question ?? "").trim().length < 2) return "question";
  return value.need === "amend" && !value.entry_id ? "entry" : null;
}

import type { CaseView } from "../../api/types";

/** Characters of an answer that a request takes. */
const LONGEST = 2000;

/** What a request about a case begins with: a confidential case keeps its words, an anonymous title may name its caller. */
export function askedIn({ title, confidential, anonymous }: Pick<CaseView, "title" | "confidential" | "anonymous">): string {
  return confidential || anonymous ? "" : title;
}

/** What answered the case without an entry: the unit's last reply, or the specialist in the three-way call. */
export function answerOf({ replies, steps }: Pick<CaseView, "replies" | "steps">): string {
  const reply = replies.filter((one) => one.public_answer !== "").at(-1);
  if (reply) return reply.public_answer.slice(0, LONGEST);
  const { detail } = steps.findLast((step) => step.action === "close_direct") ?? {};
  const cited = Array.isArray(detail?.knowledge) && detail.knowledge.length > 0;
  return !cited && typeof detail?.answer === "string" ? detail.answer.slice(0, LONGEST) : "";
}

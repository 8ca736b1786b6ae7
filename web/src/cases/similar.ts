/** What is asked about similar cases. Pure. */
import type { CaseFields, SimilarQuestion } from "../api/types";

export type Compared = Pick<CaseFields, "title" | "content" | "place" | "callback_number" | "enterprise_id" | "contact_id">;

/** Fewer characters than these say nothing. */
const FEWEST = 4;

/** The question as the case stands; null while there is nothing to compare. */
export function questionOf(fields: Compared, caseId: string | null, callId: string | null): SimilarQuestion | null {
  const { title, content, place, callback_number: number, enterprise_id: enterprise, contact_id: contact } = fields;
  const written = title.trim().length + content.trim().length >= FEWEST || place.trim().length >= FEWEST;
  // One that is masked for the viewer is none to ask by.
  const dialled = !number.includes("*") && number.replace(/\D/g, "").length >= 7;
  if (!written && !dialled && !enterprise && !contact && callId === null) return null;
  return {
    ...(caseId !== null && { case_id: caseId }),
    ...(callId !== null && { call_id: callId }),
    title,
    content,
    place,
    callback_number: dialled ? number : "",
    enterprise_id: enterprise,
    contact_id: contact,
  };
}

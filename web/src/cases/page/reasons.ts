import i18next from "i18next";
import { isProblem } from "../../api/problem";
import { words } from "../../app/words";

/** Why an action is refused, in the page's words; the service's own where the pages do not know its code. */
export function sayReason(reason: string, detail: string): string {
  const known = `casePage.reason.${reason}`;
  if (i18next.exists(known)) return i18next.t(known);
  const refused = `problem.case.refused.${reason}`;
  return i18next.exists(refused) ? i18next.t(refused) : detail || reason;
}

export function sayRefusal(error: unknown): string {
  return isProblem(error) && error.reason !== "" ? sayReason(error.reason, error.message) : words(error);
}

/** The field that a guard's refusal is about; the others stand above the form. */
export const FIELD_OF_REASON: Readonly<Record<string, readonly string[]>> = {
  answer_not_cited: ["knowledge"],
  text_for_unit: ["text_for_unit"],
  unit_unknown: ["lead_unit_id", "unit_ids"],
  unit_complained_of: ["lead_unit_id", "unit_ids"],
  unit_twice: ["assisting_unit_ids", "unit_ids", "suggested_unit_id"],
  designation_needed: ["designate"],
  caller_not_informed: ["caller_informed"],
  contact_in_future: ["contact"],
  units_outstanding: ["alone_reason"],
  not_own_assignment: ["assignment_id"],
  not_below: ["unit_ids"],
  promised_in_past: ["promised_at"],
  reply_unfit: ["fits_facts"],
  not_disposed: ["disposition"],
  not_confirmed: ["confirmed_by_caller"],
  pressed: ["pressed_by_unit"],
};

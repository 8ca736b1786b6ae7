import { isProblem } from "../api/problem";
import type { EnterpriseChange, EnterpriseKind, EnterpriseSize, EnterpriseView } from "../api/types";

export const KINDS: readonly EnterpriseKind[] = ["enterprise", "private_enterprise", "individual_business"];
export const SIZES: readonly EnterpriseSize[] = ["micro", "small", "medium", "large"];
export const CODE_STATES = ["none", "valid", "confirmed"] as const;
export const FIELDS = ["name", "credit_code", "kind", "industry", "size", "skips_menu"] as const;
export type Field = (typeof FIELDS)[number];

/** What one writes about an enterprise. */
export type EnterpriseFields = Pick<EnterpriseView, Field>;

const CONFIRMABLE = ["check_digit", "organisation_digit", "registration_number"];

/** Whether the service takes the refused code once somebody has compared it with the licence. */
export function isConfirmable(error: unknown): boolean {
  return isProblem(error, "enterprise.credit_code_invalid") && CONFIRMABLE.includes(error.reason);
}

export function fieldsOf(enterprise: EnterpriseView): EnterpriseFields {
  const { name, credit_code, kind, industry, size, skips_menu } = enterprise;
  return { name, credit_code, kind, industry, size, skips_menu };
}

/** The fields of `now` that differ from `before`; an empty code or size is none. */
export function changed(before: EnterpriseFields, now: EnterpriseFields): Omit<EnterpriseChange, "version"> {
  const whole = { ...now, credit_code: now.credit_code?.trim() || null, size: now.size ?? null };
  return Object.fromEntries(FIELDS.filter((field) => whole[field] !== before[field]).map((field) => [field, whole[field]]));
}

/** In which fields `latest` differs from what the form began with: somebody else's changes. */
export function changedMeanwhile(begun: EnterpriseFields, latest: EnterpriseFields): Field[] {
  return FIELDS.filter((field) => begun[field] !== latest[field]);
}

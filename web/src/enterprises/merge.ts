import type { EnterpriseRow, MergeBody } from "../api/types";

export const MERGE_FIELDS = ["name", "credit_code", "kind", "industry", "size", "skips_menu"] as const;
export type MergeField = (typeof MERGE_FIELDS)[number];

export function differing(field: MergeField, one: EnterpriseRow, other: EnterpriseRow): boolean {
  return (one[field] || null) !== (other[field] || null);
}

/** The fields whose value comes from the one that is merged away; `chosen` names the enterprise by id. */
export function takes(survivor: EnterpriseRow, merged: EnterpriseRow, chosen: Partial<Record<MergeField, string>>): MergeBody["take"] {
  const fields = MERGE_FIELDS.filter((field) => chosen[field] === merged.id && differing(field, survivor, merged));
  return Object.fromEntries(fields.map((field) => [field, "merged" as const]));
}

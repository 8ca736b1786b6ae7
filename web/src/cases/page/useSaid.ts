import { useTranslation } from "react-i18next";
import type { CaseView } from "../../api/types";
import { fullMoment } from "../../ui/time";

const RATED = new Set(["result", "process", "agent"]);
/** Ids that say nothing to a person here, or are shown otherwise. */
const SILENT = new Set(["assignment_id", "call_id", "three_way_call_id", "user_id", "enterprise_id", "contact_id", "master_id"]);
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** Puts what a step recorded into words. */
export function useSaid(view: CaseView) {
  const { t, i18n } = useTranslation();
  const units = new Map(view.assignments.map(({ unit_id: id, unit_name: name }) => [id, name]));
  const first = (keys: string[]): string | null => {
    const found = keys.find((key) => i18n.exists(key));
    return found === undefined ? null : t(found);
  };

  function label(action: string, name: string): string {
    const own = [`casePage.fieldOf.${action}.${name}`, `casePage.field.${name}`, `case.fields.${name}`];
    return first(action === "edit" ? own.reverse() : own) ?? name;
  }

  /** "" for what is not to be shown. */
  function say(action: string, name: string, value: unknown): string {
    if (value === null || value === undefined || SILENT.has(name)) return "";
    if (typeof value === "boolean") return t(value ? "casePage.value.yes" : "casePage.value.no");
    if (Array.isArray(value)) return value.map((one) => say(action, name, one)).filter(Boolean).join("、");
    if (typeof value !== "string") return typeof value === "number" ? String(value) : "";
    if (name.endsWith("unit_id") || name.endsWith("unit_ids") || name === "unit_complained_of_id") return units.get(value) ?? "";
    if (name === "item_id") return "";
    if (name.endsWith("_at") || (name === "at" && ISO.test(value))) return fullMoment(value).slice(0, 16);
    const group = RATED.has(name) ? "satisfaction" : name;
    const known = [`casePage.value.${group}.${value}`];
    if (action === "edit") known.push(`case${name === "type" ? "Type" : `.${name}`}.${value}`);
    return first(known) ?? value;
  }
  return { label, say };
}

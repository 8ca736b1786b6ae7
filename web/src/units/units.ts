import { api, unwrap } from "../api/client";
import type { components } from "../api/generated";
import type { UnitView } from "../api/types";

export type UnitDetail = components["schemas"]["UnitDetail"];
export type SpecialistDetail = components["schemas"]["SpecialistDetail"];
export type PhoneDraft = components["schemas"]["PhoneDraft"];

export const UNITS = ["units"];

export function loadUnits(): Promise<UnitView[]> {
  return unwrap(api.GET("/api/units"));
}

export function onDuty(unit: UnitView): number {
  return unit.specialists.filter((specialist) => specialist.on_duty).length;
}

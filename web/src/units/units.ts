import { api, unwrap } from "../api/client";
import type { components } from "../api/generated";
import type { UnitView } from "../api/types";

export type UnitDetail = components["schemas"]["UnitDetail"];
export type SpecialistDetail = components["schemas"]["SpecialistDetail"];
export type UnitRoster = components["schemas"]["UnitRoster"];
export type RosteredSpecialist = components["schemas"]["RosteredSpecialist"];
export type PhoneDraft = components["schemas"]["PhoneDraft"];

export const UNITS = ["units"];

/** Those in use, or those closed, which only who keeps the units may see. */
export function loadUnits(active = true): Promise<UnitView[]> {
  return unwrap(api.GET("/api/units", { params: { query: { active } } }));
}

export const specialistPage = (id: string) => `/units/specialists/${encodeURIComponent(id)}`;
export const rosterPage = (unitId: string) => `/units/${encodeURIComponent(unitId)}/roster`;

export function peopleOf(unitId: string) {
  return {
    queryKey: [...UNITS, "people", unitId],
    queryFn: () => unwrap(api.GET("/api/units/{unit_id}/people", { params: { path: { unit_id: unitId } } })),
  };
}

export function onDuty(unit: UnitView): number {
  return unit.specialists.filter((specialist) => specialist.on_duty).length;
}

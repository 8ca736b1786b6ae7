import { api, unwrap } from "../api/client";
import { isProblem } from "../api/problem";
import type { RosterContent } from "./roster";
import type { RosteredSpecialist, UnitDetail, UnitRoster } from "./units";

/** The week of a specialist's unit that `day` is in; "": the present one. */
export function readSpecialist(id: string, day = ""): Promise<UnitRoster> {
  const params = { path: { specialist_id: id }, query: day ? { day } : {} };
  return unwrap(api.GET("/api/specialists/{specialist_id}", { params }));
}

export function readRoster(unitId: string, day = ""): Promise<UnitRoster> {
  const params = { path: { unit_id: unitId }, query: day ? { day } : {} };
  return unwrap(api.GET("/api/units/{unit_id}/roster", { params }));
}

/**
 * Saves a roster over the one that `unit` was read with. The version is the whole unit's: where somebody has changed
 * something else of it meanwhile, this is saved nevertheless; where it was this roster, it is refused.
 */
export async function saveRoster(unit: UnitRoster, specialist: RosteredSpecialist, content: RosterContent): Promise<UnitDetail> {
  const put = (version: number) => {
    const path = { unit_id: unit.id, specialist_id: specialist.id };
    return unwrap(api.PUT("/api/units/{unit_id}/specialists/{specialist_id}/roster", { params: { path }, body: { version, ...content } }));
  };
  try {
    return await put(unit.version);
  } catch (error) {
    if (!isProblem(error, "unit.version_conflict")) throw error;
    const now = await readSpecialist(specialist.id);
    const theirs = now.specialists.find((one) => one.id === specialist.id)?.roster;
    if (JSON.stringify(theirs) !== JSON.stringify(specialist.roster)) throw error;
    return put(now.version);
  }
}

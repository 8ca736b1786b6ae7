import type { UnitView } from "../api/types";

/** Units and specialists that match every word of `search`; whoever is on duty first, and so are units that have one. */
export function matching(units: UnitView[], search: string): UnitView[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  return units
    .map((unit) => ({
      ...unit,
      specialists: unit.specialists
        .filter((s) => fits([unit.name, s.name, s.title, s.answerable_scope].join(" ")))
        .sort((a, b) => Number(b.on_duty) - Number(a.on_duty)),
    }))
    .filter((unit) => unit.specialists.length > 0)
    .sort((a, b) => Number(isReachable(b)) - Number(isReachable(a)));
}

const isReachable = (unit: UnitView) => unit.specialists.some((one) => one.on_duty);

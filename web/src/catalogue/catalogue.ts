import { api, unwrap } from "../api/client";
import type { components } from "../api/generated";

export type CatalogueItem = components["schemas"]["CatalogueItemView"];
export type ItemLimit = components["schemas"]["ItemLimit"];

export const CATALOGUE = ["catalogue"];

export function loadCatalogue(active?: boolean): Promise<CatalogueItem[]> {
  return unwrap(api.GET("/api/catalogue", { params: { query: { active } } }));
}

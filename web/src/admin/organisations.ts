import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { components } from "../api/generated";

export type Organisation = components["schemas"]["OrganisationView"];
export type Kind = components["schemas"]["OrganisationKind"];

export const ORGANISATIONS = ["organisations"];
export const KINDS: readonly Kind[] = ["hotline", "vendor", "unit"];

export function loadOrganisations(): Promise<Organisation[]> {
  return unwrap(api.GET("/api/organisations"));
}

export function useOrganisations() {
  return useQuery({ queryKey: [...ORGANISATIONS, "all"], queryFn: loadOrganisations });
}

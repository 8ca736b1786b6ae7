import { api, listPage, unwrap } from "../api/client";
import type { components } from "../api/generated";

type View = components["schemas"];
export type FlowSummary = View["FlowSummary"];
export type FlowView = View["FlowView"];
export type FlowDraft = View["FlowDraftView"];
export type FlowProblem = View["FindingView"];
export type FlowVersion = View["FlowVersionSummary"];
export type FlowPublication = View["PublicationView"];
export type FlowDifference = View["FlowDifference"];
export type FlowAlias = View["FlowAlias"];
/** A flow's document, finished or not. */
export type FlowDocument = Record<string, unknown>;

export const FLOWS = ["flows"];
/** In the place of a version's number. */
export const DRAFT = 0;
export const ALIASES = ["live", "test"] as const;

const path = (flow_id: string) => ({ path: { flow_id } });

export const loadFlows = () => unwrap(api.GET("/api/flows"));
export const loadFlow = (id: string) => unwrap(api.GET("/api/flows/{flow_id}", { params: path(id) }));

export function createFlow(body: { id: string; title: string; copy_of: string }) {
  return unwrap(api.POST("/api/flows", { body }));
}

/** One of the two forms; `version` is the draft's that was edited. */
export function saveDraft(id: string, body: { version: number; document?: FlowDocument; text?: string }) {
  return unwrap(api.PUT("/api/flows/{flow_id}/draft", { params: path(id), body }));
}

export function checkFlow(body: { document?: FlowDocument; text?: string }) {
  return unwrap(api.POST("/api/flows/check", { body }));
}

export function publishDraft(id: string, body: Required<components["schemas"]["PublishDraft"]>) {
  return unwrap(api.POST("/api/flows/{flow_id}/publish", { params: path(id), body }));
}

export function publishVersion(id: string, body: { number: number; alias: FlowAlias; live: number; reason: string }) {
  return unwrap(api.POST("/api/flows/{flow_id}/publications", { params: path(id), body }));
}

export function cancelPublication(id: string, publication_id: string) {
  const params = { path: { flow_id: id, publication_id } };
  return unwrap(api.DELETE("/api/flows/{flow_id}/publications/{publication_id}", { params }));
}

export function loadVersions(id: string, query: Record<string, string | number>) {
  return listPage(api.GET("/api/flows/{flow_id}/versions", { params: { ...path(id), query } }));
}

export function loadVersion(id: string, number: number) {
  return unwrap(api.GET("/api/flows/{flow_id}/versions/{number}", { params: { path: { flow_id: id, number } } }));
}

export function loadPublications(id: string, query: Record<string, string | number>) {
  return listPage(api.GET("/api/flows/{flow_id}/publications", { params: { ...path(id), query } }));
}

export function loadComparison(id: string, before: number, after: number) {
  return unwrap(api.GET("/api/flows/{flow_id}/compare", { params: { ...path(id), query: { before, after } } }));
}

export function setNumbers(id: string, numbers: Record<string, FlowAlias>) {
  return unwrap(api.PUT("/api/flows/{flow_id}/numbers", { params: path(id), body: { numbers } }));
}

export function fileOf(id: string, number: number, form: "yaml" | "json"): string {
  return `/api/flows/${encodeURIComponent(id)}/versions/${number}/file?form=${form}`;
}

/** The number that an alias means; 0 where nothing is published. */
export function inForce(flow: FlowSummary, alias: FlowAlias = "live"): number {
  return flow.in_force.find((each) => each.alias === alias)?.number ?? DRAFT;
}

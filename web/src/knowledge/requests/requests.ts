import { api, listPage, unwrap } from "../../api/client";
import type { components } from "../../api/generated";
import { hasRole } from "../../api/roles";
import type { SessionUser } from "../../api/types";
import type { Tone } from "../../ui/StatusTag";

type View = components["schemas"];

export type KnowledgeRequest = View["KnowledgeRequestView"];
export type RequestDraft = View["KnowledgeRequestDraft"];
export type RequestKind = View["KnowledgeRequestKind"];
export type RequestAction = View["KnowledgeRequestAction"];
export type RequestListName = View["KnowledgeRequestList"];
export type RequestState = View["KnowledgeRequestState"];

export const REQUESTS = ["knowledge-requests"];
export const REQUEST_KINDS: RequestKind[] = ["gap", "amend", "error", "policy"];
/** Of an entry that the request names. */
export const OF_ENTRY: ReadonlySet<RequestKind> = new Set(["amend", "error"]);
export const REQUEST_LISTS: RequestListName[] = ["waiting", "overdue", "to_agree", "answered", "made_by_me", "closed"];
export const REQUEST_TONES: Record<RequestState, Tone> = { open: "amber", taken: "brand", answered: "violet", declined: "red", closed: "plain" };
/** What needs a word why. */
export const WITH_WHY: ReadonlySet<RequestAction> = new Set(["decline", "refuse", "pass_on"]);

export function mayAsk(user: SessionUser): boolean {
  return hasRole(user, "agent", "dispatcher", "callback", "supervisor", "kb_editor", "kb_reviewer");
}

export function requestPage(id: string): string {
  return `/knowledge/requests/${encodeURIComponent(id)}`;
}

export function loadRequests(query: Record<string, string | number>) {
  return listPage(api.GET("/api/knowledge-requests", { params: { query } }));
}

export function countRequests() {
  return unwrap(api.GET("/api/knowledge-requests/counts"));
}

export function loadGaps(): Promise<View["KnowledgeGaps"]> {
  return unwrap(api.GET("/api/knowledge-gaps"));
}

/** An agent's search found nothing. */
export function countMissed(search: string): Promise<unknown> {
  return unwrap(api.POST("/api/knowledge-gaps/searches", { body: { search } }));
}

export function loadRatings(entryId: string): Promise<View["EntryRatings"]> {
  return unwrap(api.GET("/api/knowledge-ratings/{entry_id}", { params: { path: { entry_id: entryId } } }));
}

export function rateEntry(entryId: string, helpful: boolean): Promise<View["EntryRatings"]> {
  return unwrap(api.PUT("/api/knowledge-ratings/{entry_id}", { params: { path: { entry_id: entryId } }, body: { helpful } }));
}

export function loadRequest(id: string): Promise<KnowledgeRequest> {
  return unwrap(api.GET("/api/knowledge-requests/{request_id}", { params: { path: { request_id: id } } }));
}

export function makeRequest(body: RequestDraft): Promise<KnowledgeRequest> {
  return unwrap(api.POST("/api/knowledge-requests", { body }));
}

export interface RequestStep {
  reason?: string;
  unit_id?: string;
  entry_id?: string;
}

export function actOnRequest(request: KnowledgeRequest, action: RequestAction, said: RequestStep): Promise<KnowledgeRequest> {
  const asked = { params: { path: { request_id: request.id } }, body: { version: request.version, ...said } };
  switch (action) {
    case "take":
      return unwrap(api.POST("/api/knowledge-requests/{request_id}/take", asked));
    case "pass_on":
      return unwrap(api.POST("/api/knowledge-requests/{request_id}/pass-on", asked));
    case "answer":
      return unwrap(api.POST("/api/knowledge-requests/{request_id}/answer", asked));
    case "refer":
      return unwrap(api.POST("/api/knowledge-requests/{request_id}/refer", asked));
    case "decline":
      return unwrap(api.POST("/api/knowledge-requests/{request_id}/decline", asked));
    case "agree":
      return unwrap(api.POST("/api/knowledge-requests/{request_id}/agree", asked));
    case "refuse":
      return unwrap(api.POST("/api/knowledge-requests/{request_id}/refuse", asked));
    case "withdraw":
      return unwrap(api.POST("/api/knowledge-requests/{request_id}/withdraw", asked));
  }
}

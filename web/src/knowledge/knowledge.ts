import { api, unwrap } from "../api/client";
import type { components } from "../api/generated";
import type { Page } from "../api/types";

type View = components["schemas"];

export type EntryRow = View["EntryRow"];
export type EntryView = View["EntryView"];
export type EntryVersion = View["VersionView"];
export type KnowledgeContent = View["KnowledgeContent"];
export type KnowledgeAction = View["KnowledgeAction"];
export type KnowledgeKind = View["KnowledgeKind"];
export type KnowledgeListName = View["KnowledgeList"];
export type AnswerScope = View["AnswerScope"];
export type KnowledgeFile = View["KnowledgeFileView"];
export type KnowledgeCited = View["KnowledgeCited"];
export type Searched = View["KnowledgeSearched"];
export type SynonymGroup = View["SynonymView"];
export type Category = View["CategoryView"];
/** Actions that are done with a reason at most. */
export type EntryStepAction = Exclude<KnowledgeAction, "save" | "revise">;

export const KNOWLEDGE = ["knowledge"];
export const SYNONYMS = ["knowledge-synonyms"];
export const CATEGORIES = ["knowledge-categories"];
export const KINDS: KnowledgeKind[] = [
  "service_item",
  "procedure",
  "place_and_hours",
  "law_and_policy",
  "incentive",
  "change_and_inspection",
  "question_and_answer",
];
export const SCOPES: AnswerScope[] = ["public", "agent", "specialist"];
export const STAGES = ["establish", "operate", "change", "deregister"] as const;
export const LISTS: KnowledgeListName[] = ["published", "mine", "drafts", "to_approve", "to_publish", "review_due", "never_used", "retired"];
export const INCENTIVE = ["beneficiaries", "conditions", "fulfilled_within", "address", "phone"] as const;

export type EntryPage = Page<EntryRow> & { searched: Searched | null };

export async function loadEntries(query: Record<string, string | number>): Promise<EntryPage> {
  const { items, next = null, total = null, searched = null } = await unwrap(api.GET("/api/knowledge", { params: { query } }));
  return { items, next, total, searched };
}

export function loadSynonyms(): Promise<SynonymGroup[]> {
  return unwrap(api.GET("/api/knowledge-synonyms"));
}

export function createSynonyms(words: string[]): Promise<SynonymGroup> {
  return unwrap(api.POST("/api/knowledge-synonyms", { body: { words } }));
}

export function changeSynonyms({ id, version }: SynonymGroup, words: string[]): Promise<SynonymGroup> {
  return unwrap(api.PUT("/api/knowledge-synonyms/{group_id}", { params: { path: { group_id: id } }, body: { version, words } }));
}

export function removeSynonyms({ id, version }: SynonymGroup) {
  return unwrap(api.POST("/api/knowledge-synonyms/{group_id}/remove", { params: { path: { group_id: id } }, body: { version } }));
}

export function loadCounts() {
  return unwrap(api.GET("/api/knowledge/counts"));
}

export function loadEntry(id: string): Promise<EntryView> {
  return unwrap(api.GET("/api/knowledge/{entry_id}", { params: { path: { entry_id: id } } }));
}

/** The cases that cite it: all counted, and named as far as the reader may open them. */
export function loadCiting(id: string): Promise<View["CitingCases"]> {
  return unwrap(api.GET("/api/knowledge/{entry_id}/cases", { params: { path: { entry_id: id } } }));
}

export function loadVersion(id: string, number: number): Promise<EntryVersion> {
  return unwrap(api.GET("/api/knowledge/{entry_id}/versions/{number}", { params: { path: { entry_id: id, number } } }));
}

export function loadCategories(): Promise<Category[]> {
  return unwrap(api.GET("/api/knowledge-categories"));
}

export function createCategory(body: View["CategoryDraft"]): Promise<Category> {
  return unwrap(api.POST("/api/knowledge-categories", { body }));
}

export function changeCategory(one: Category, change: Omit<View["CategoryChange"], "version">): Promise<Category> {
  const asked = { params: { path: { category_id: one.id } }, body: { ...change, version: one.version } };
  return unwrap(api.PATCH("/api/knowledge-categories/{category_id}", asked));
}

export function createEntry(id: string, unitId: string | null, content: KnowledgeContent): Promise<EntryView> {
  return unwrap(api.POST("/api/knowledge", { body: { id, unit_id: unitId, content } }));
}

export function saveRevision(entry: EntryView, content: KnowledgeContent): Promise<EntryView> {
  const params = { path: { entry_id: entry.id } };
  return unwrap(api.PUT("/api/knowledge/{entry_id}/revision", { params, body: { version: entry.version, content } }));
}

export function loadFiles(id: string): Promise<KnowledgeFile[]> {
  return unwrap(api.GET("/api/knowledge/{entry_id}/attachments", { params: { path: { entry_id: id } } }));
}

/** Out of the revision; versions that have it keep it. */
export function removeFile({ id, version }: EntryView, fileId: string) {
  const params = { path: { entry_id: id, file_id: fileId } };
  return unwrap(api.POST("/api/knowledge/{entry_id}/attachments/{file_id}/remove", { params, body: { version } }));
}

/** Begins a revision from a version; from the one published last without a number. */
export function reviseEntry(entry: EntryView, number?: number): Promise<EntryView> {
  const params = { path: { entry_id: entry.id } };
  return unwrap(api.POST("/api/knowledge/{entry_id}/revise", { params, body: { version: entry.version, ...(number && { number }) } }));
}

export function actOnEntry(entry: EntryView, action: EntryStepAction, said: { reason?: string; publish_at?: string; unit_id?: string | null }): Promise<EntryView> {
  const asked = { params: { path: { entry_id: entry.id } }, body: { version: entry.version, ...said } };
  switch (action) {
    case "submit":
      return unwrap(api.POST("/api/knowledge/{entry_id}/submit", asked));
    case "approve":
      return unwrap(api.POST("/api/knowledge/{entry_id}/approve", asked));
    case "send_back":
      return unwrap(api.POST("/api/knowledge/{entry_id}/send-back", asked));
    case "publish":
      return unwrap(api.POST("/api/knowledge/{entry_id}/publish", asked));
    case "confirm":
      return unwrap(api.POST("/api/knowledge/{entry_id}/confirm", asked));
    case "withdraw":
      return unwrap(api.POST("/api/knowledge/{entry_id}/withdraw", asked));
    case "reassign":
      return unwrap(api.POST("/api/knowledge/{entry_id}/reassign", asked));
    case "discard":
      return unwrap(api.POST("/api/knowledge/{entry_id}/discard", asked));
  }
}

import { api, unwrap } from "../api/client";
import type { BulkDetail, BulkItem, BulkKind, BulkOutcome } from "./bulk";

export function sendSlice(kind: BulkKind, items: BulkItem[], { lead_unit_id = "", text = "" }: BulkDetail): Promise<BulkOutcome[]> {
  switch (kind) {
    case "dispatch":
      return unwrap(api.POST("/api/bulk/dispatch", { body: { items, lead_unit_id, advice: text } }));
    case "urge":
      return unwrap(api.POST("/api/bulk/urge", { body: { items, words: text } }));
    case "claim":
      return unwrap(api.POST("/api/bulk/claim", { body: { items } }));
  }
}

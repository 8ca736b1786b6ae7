import type { components } from "../api/generated";
import { newId } from "../ui/newId";
import type { WorkListRow } from "./workLists";

export type BulkKind = "dispatch" | "urge" | "claim";
export type BulkOutcome = components["schemas"]["BulkOutcome"];
export type BulkItem = components["schemas"]["BulkItem"];

export interface BulkDetail {
  lead_unit_id?: string;
  /** The advice of a dispatch, the words of an urge. */
  text?: string;
}

/** Cases a request: so that the page shows progress, and can stop between two. */
const SLICE = 5;
export const MOST = 100;

/** Sends a slice. */
export type SendSlice = (kind: BulkKind, items: BulkItem[], detail: BulkDetail) => Promise<BulkOutcome[]>;

/** Act on each of `rows`; a slice that was not answered is reported as such, and the rest goes on. Stops after `stopped`. */
export async function actOnEach(
  kind: BulkKind,
  rows: readonly WorkListRow[],
  detail: BulkDetail,
  progress: (done: number) => void,
  stopped: () => boolean,
  post: SendSlice,
): Promise<BulkOutcome[]> {
  const outcomes: BulkOutcome[] = [];
  for (let at = 0; at < rows.length && !stopped(); at += SLICE) {
    const items = rows.slice(at, at + SLICE).map(({ id, version }) => ({ case_id: id, version, request_id: newId() }));
    try {
      outcomes.push(...(await post(kind, items, detail)));
    } catch (error) {
      outcomes.push(...items.map(({ case_id }) => ({ case_id, done: false, error_id: null, reason: null, detail: error instanceof Error ? error.message : "" })));
    }
    progress(outcomes.length);
  }
  return outcomes;
}

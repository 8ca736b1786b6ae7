export type MarkTone = "added" | "removed" | "changed" | "path";

/** What colours the graph: a comparison, a simulated path, or today's counts. Edges are named `node.outcome`. */
export interface GraphMarks {
  nodes?: Record<string, { tone?: MarkTone; count?: number }>;
  edges?: Record<string, { tone?: MarkTone; count?: number }>;
}

import type { ReactNode } from "react";

const STEP_PX = 20;

/** The first cell of a row in a tree, indented by its depth. */
export function TreeName({ depth, children }: { depth: number; children: ReactNode }) {
  return <span style={{ paddingInlineStart: depth * STEP_PX }}>{children}</span>;
}

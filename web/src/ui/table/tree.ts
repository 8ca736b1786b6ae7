/** Lists whose rows name the row above them. */
export interface TreeRow {
  id: string;
  parent_id: string | null;
}

export type Placed<T> = T & { depth: number };

/** Each row behind its parent, with how deep it stands; siblings keep their order. A row without its parent stands at the top. */
export function asTree<T extends TreeRow>(rows: readonly T[]): Placed<T>[] {
  const known = new Set(rows.map((row) => row.id));
  const children = new Map<string | null, T[]>();
  for (const row of rows) {
    const parent = row.parent_id !== null && known.has(row.parent_id) ? row.parent_id : null;
    children.set(parent, [...(children.get(parent) ?? []), row]);
  }
  const place = (parent: string | null, depth: number): Placed<T>[] =>
    (children.get(parent) ?? []).flatMap((row) => [{ ...row, depth }, ...place(row.id, depth + 1)]);
  return place(null, 0);
}

/** What a row may be put under: everything but itself and what is below it. */
export function parentsFor<T extends TreeRow>(rows: readonly T[], id: string | null): Placed<T>[] {
  const tree = asTree(rows);
  const at = tree.findIndex((row) => row.id === id);
  if (at < 0) return tree;
  const depth = tree[at]!.depth;
  let end = at + 1;
  while (end < tree.length && tree[end]!.depth > depth) end += 1;
  return [...tree.slice(0, at), ...tree.slice(end)];
}

/** The rows below any of `tops`, at any depth. */
export function rowsBelow<T extends TreeRow>(rows: readonly T[], tops: readonly string[]): T[] {
  const found = new Set<string>();
  let more = rows.filter((row) => row.parent_id !== null && tops.includes(row.parent_id));
  while (more.length > 0) {
    more.forEach((row) => found.add(row.id));
    more = rows.filter((row) => row.parent_id !== null && found.has(row.parent_id) && !found.has(row.id));
  }
  return rows.filter((row) => found.has(row.id));
}

/** As the options of a select, indented. */
export function treeOptions(rows: readonly Placed<TreeRow & { name: string }>[]): { value: string; label: string }[] {
  return rows.map(({ id, name, depth }) => ({ value: id, label: "\u3000".repeat(depth) + name }));
}

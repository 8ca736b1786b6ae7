import type { CatalogueItem } from "./catalogue";

/** The items that match, and all that stand above them, so that the tree stays one. */
export function withAncestors(items: readonly CatalogueItem[], search: string): CatalogueItem[] {
  const wanted = search.trim().toLocaleLowerCase();
  if (wanted === "") return [...items];
  const known = new Map(items.map((item) => [item.id, item]));
  const shown = new Set<string>();
  for (const item of items) {
    const texts = [item.code, item.name, item.handled_by?.name ?? "", ...item.keywords];
    if (!texts.some((text) => text.toLocaleLowerCase().includes(wanted))) continue;
    for (let at: CatalogueItem | undefined = item; at && !shown.has(at.id); at = known.get(at.parent_id ?? "")) shown.add(at.id);
  }
  return items.filter((item) => shown.has(item.id));
}

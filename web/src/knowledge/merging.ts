import type { KnowledgeContent } from "./knowledge";

/** Fields in which two contents differ, in the order of the page. */
export function differing(before: KnowledgeContent, after: KnowledgeContent): (keyof KnowledgeContent)[] {
  const names = Object.keys(after) as (keyof KnowledgeContent)[];
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/** What was typed, and where nothing was typed, what somebody else saved since `before`. */
export function merged(before: KnowledgeContent, typed: KnowledgeContent, theirs: KnowledgeContent): KnowledgeContent {
  const changed = differing(before, typed).map((name) => [name, typed[name]] as const);
  return { ...theirs, ...Object.fromEntries(changed) };
}

import { asMap } from "./edits";

export type Schema = Record<string, unknown>;

export type FieldKind =
  | { kind: "switch" }
  | { kind: "number"; whole: boolean; low?: number; high?: number }
  | { kind: "duration" }
  | { kind: "choice"; values: string[] }
  | { kind: "choices"; values: string[] }
  | { kind: "keys" }
  | { kind: "prompts" }
  | { kind: "texts" }
  | { kind: "text" }
  /** Typed as JSON: a table or a list of parts. */
  | { kind: "json" };

const KEY = "^[0-9*#]$";
const num = (value: unknown) => (typeof value === "number" ? value : undefined);
const list = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each) => typeof each === "string") : []);

/** How an option is entered, from its JSON schema. */
export function fieldOf(schema: Schema): FieldKind {
  const parts = Array.isArray(schema.anyOf) ? schema.anyOf.map(asMap).filter((part) => part.type !== "null") : [];
  if (parts.length === 1) return fieldOf(parts[0]!);
  switch (schema.type) {
    case "boolean":
      return { kind: "switch" };
    case "integer":
    case "number":
      return { kind: "number", whole: schema.type === "integer", low: num(schema.minimum), high: num(schema.maximum) };
    case "string":
      if (schema.format === "duration") return { kind: "duration" };
      return schema.enum ? { kind: "choice", values: list(schema.enum) } : { kind: "text" };
    case "array":
      return listOf(asMap(schema.items));
    default:
      return { kind: "json" };
  }
}

function listOf(items: Schema): FieldKind {
  if (items.pattern === KEY) return { kind: "keys" };
  if (items.enum) return { kind: "choices", values: list(items.enum) };
  if (items.type === "string") return { kind: "texts" };
  const parts = Array.isArray(items.anyOf) ? items.anyOf.map(asMap) : [];
  const spoken = parts.some((part) => part.type === "string") && parts.some((part) => part.$ref === "#/$defs/Spoken");
  return { kind: spoken ? "prompts" : "json" };
}

/** What is read out, in the order of its form; "" is a prompt by its id. */
export const SPOKEN = ["", "digits", "number", "date", "money", "case_number"] as const;
export type PromptKind = (typeof SPOKEN)[number];

export interface PromptRow {
  kind: PromptKind;
  text: string;
}

export function rowsOf(value: unknown): PromptRow[] {
  if (!Array.isArray(value)) return [];
  return value.map((item: unknown) => {
    if (typeof item === "string") return { kind: "", text: item };
    const map = asMap(item);
    const kind = SPOKEN.find((each) => each !== "" && typeof map[each] === "string" && map[each] !== "") ?? "digits";
    return { kind, text: typeof map[kind] === "string" ? map[kind] : "" };
  });
}

export const promptsOf = (rows: readonly PromptRow[]): unknown[] =>
  rows.map(({ kind, text }) => (kind === "" ? text : { [kind]: text }));

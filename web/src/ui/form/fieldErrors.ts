import { Problem } from "../../api/problem";

export type FieldPath = (string | number)[];

interface Mapped {
  /** As antd's `setFields` takes them. */
  fields: { name: FieldPath; errors: string[] }[];
  /** Whether something is left that stands at no field: then the whole sentence is to be shown. */
  rest: boolean;
}

/** Which of the form's fields a refusal is about. `fields` are their names; `owner` says which field an error id means. */
export function fieldErrors(
  error: unknown,
  fields: readonly string[],
  say: (what: string, errorId: string) => string,
  owner: Record<string, string> = {},
): Mapped {
  if (!(error instanceof Problem)) return { fields: [], rest: true };
  const owned = owner[error.errorId];
  if (owned !== undefined && fields.includes(owned)) {
    return { fields: [{ name: [owned], errors: [say("", error.errorId)] }], rest: false };
  }
  const mapped = new Map<string, { name: FieldPath; errors: string[] }>();
  let rest = error.errors.length === 0;
  for (const { where, what } of error.errors) {
    const name = pathOf(where);
    if (!fields.includes(String(name[0]))) {
      rest = true;
      continue;
    }
    const key = name.join(".");
    const before = mapped.get(key)?.errors ?? [];
    mapped.set(key, { name, errors: [...before, say(what, error.errorId)] });
  }
  return { fields: [...mapped.values()], rest };
}

/** "body.phones.0.number" → ["phones", 0, "number"]. */
export function pathOf(where: string): FieldPath {
  const [first, ...parts] = where.split(".");
  return (first === "body" ? parts : [first ?? "", ...parts]).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

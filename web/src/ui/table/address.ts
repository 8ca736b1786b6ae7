/** A list's filters, sorting and page as its address says them: to be sent to a colleague, and to survive a reload. */

export interface TableAddress {
  filters: Record<string, string>;
  /** The column's key; "-" before it: the greatest first. */
  sort: string;
  cursor: string;
}

export interface AddressSpec {
  filters: readonly string[];
  /** Filters that take some values alone: another one in an address counts as none. */
  accepts?: Readonly<Record<string, (value: string) => boolean>>;
  /** Columns by which the server can sort; the first is how it sorts when nothing is asked. */
  sorts?: readonly string[];
}

/** As long as the filters' fields take. */
const LONGEST = 100;

export function readAddress(params: URLSearchParams, spec: AddressSpec): TableAddress {
  const filters: Record<string, string> = {};
  for (const name of spec.filters) {
    const value = plain(params.get(name)).slice(0, LONGEST);
    if (value !== "" && (spec.accepts?.[name]?.(value) ?? true)) filters[name] = value;
  }
  const sort = params.get("sort") ?? "";
  const known = spec.sorts?.includes(sort.replace(/^-/, "")) ?? false;
  return { filters, sort: known ? sort : "", cursor: params.get("cursor") ?? "" };
}

/** Without control characters, which no search finds and the service refuses. */
export function plain(text: string | null): string {
  return (text ?? "").replace(/\p{Cc}/gu, "");
}

/** For `accepts`: one of these values. */
export function oneOf(values: readonly string[]): (value: string) => boolean {
  return (value) => values.includes(value);
}

/** The address with `change` made to it; other parameters stay, and another list begins at its first page. */
export function changeAddress(
  params: URLSearchParams,
  change: { filters?: Record<string, string>; sort?: string; cursor?: string },
): URLSearchParams {
  const next = new URLSearchParams(params);
  const put = (name: string, value: string) => (value === "" ? next.delete(name) : next.set(name, value));
  for (const [name, value] of Object.entries(change.filters ?? {})) put(name, value);
  if (change.sort !== undefined) put("sort", change.sort);
  put("cursor", change.cursor ?? "");
  return next;
}

/** What the service is asked: the query of a list's route. */
export function queryOfAddress(address: TableAddress, limit: number): Record<string, string | number> {
  return {
    limit,
    ...address.filters,
    ...(address.sort && { sort: address.sort }),
    ...(address.cursor && { cursor: address.cursor }),
  };
}

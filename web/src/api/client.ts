import createClient from "openapi-fetch";
import type { Paths } from "./paths";
import { offline, toProblem } from "./problem";
import type { Page } from "./types";

const DEADLINE_MS = 20_000;

/** The typed client. Every wait has a deadline; the header is half of the defence against forged requests. */
export const api = createClient<Paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  headers: { "X-Requested-With": "hotline" },
  fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(DEADLINE_MS) }),
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Gives the body, or throws a Problem. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await answer;
  } catch {
    throw offline();
  }
  if (!got.response.ok) throw toProblem(got.response.status, got.error);
  return got.data as T;
}

interface GivenPage<T> {
  items: T[];
  next?: string | null;
  total?: number | null;
}

/** As `unwrap`, of a list: with null for what the service left out. */
export async function listPage<T>(answer: Promise<Answer<GivenPage<T>>>): Promise<Page<T>> {
  const { items, next = null, total = null } = await unwrap(answer);
  return { items, next, total };
}

type Query = Record<string, string | number | readonly (string | number)[] | undefined>;

/** Where a recording or an export is fetched by the browser itself. */
export function apiUrl(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) search.append(key, String(one));
    }
  }
  return search.size > 0 ? `${path}?${search}` : path;
}

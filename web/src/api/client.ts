import createClient from "openapi-fetch";
import type { paths } from "./paths";
import { offline, toProblem } from "./problem";

const DEADLINE_MS = 20_000;

/** The typed client. Every wait has a deadline; the header is half of the defence against forged requests. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  headers: { "X-Requested-With": "hotline" },
  fetch: (request: Request) =>
    fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(DEADLINE_MS)]) }),
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

/** Where a recording or an export is fetched by the browser itself. */
export function apiUrl(path: string, query: Record<string, string | number | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)]));
  return given.length ? `${path}?${search}` : path;
}

/** What the service refuses, as an error the pages can put into words (RFC 9457). */

export interface FieldError {
  where: string;
  what: string;
}

export class Problem extends Error {
  readonly status: number;
  readonly errorId: string;
  readonly errors: FieldError[];
  /** Which of several faults it is, where one error id has several. */
  readonly reason: string;

  constructor(status: number, errorId: string, detail: string, errors: FieldError[] = [], reason = "") {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.errorId = errorId;
    this.errors = errors;
    this.reason = reason;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Reads a problem document; anything else (a proxy's page, an empty body) still becomes a Problem. */
export function toProblem(status: number, body: unknown): Problem {
  if (typeof body !== "object" || body === null) return new Problem(status, `http.${status}`, "");
  const doc = body as Record<string, unknown>;
  const errors = Array.isArray(doc.errors) ? (doc.errors as FieldError[]) : [];
  return new Problem(status, text(doc.error_id) || `http.${status}`, text(doc.detail) || text(doc.title), errors, text(doc.reason));
}

/** The network itself failed: the request may or may not have reached the service. */
export function offline(): Problem {
  return new Problem(0, "network.unreachable", "");
}

export function isProblem(error: unknown, errorId?: string): error is Problem {
  return error instanceof Problem && (errorId === undefined || error.errorId === errorId);
}

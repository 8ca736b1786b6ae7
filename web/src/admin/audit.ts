/** What an audit entry says, ready to be shown. */
import { startOfDay } from "../ui/zone";

type Detail = Record<string, unknown>;

function isObject(value: unknown): value is Detail {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (value === null || value === undefined || value === "") return "—";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((one) => typeof one === "string" || typeof one === "number")) return value.join(", ") || "—";
  return JSON.stringify(value);
}

/** "name: before → after" for what changed, "name: value" for the rest. */
export function detailLines(detail: Detail): string[] {
  const { before, after, ...rest } = detail;
  const lines = Object.entries(rest).map(([name, value]) => `${name}: ${show(value)}`);
  if (before === undefined && after === undefined) return lines;
  if (!isObject(before) && !isObject(after)) return [`${show(before)} → ${show(after)}`, ...lines];
  const old = isObject(before) ? before : {};
  const now = isObject(after) ? after : {};
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return [...names.map((name) => `${name}: ${show(old[name])} → ${show(now[name])}`), ...lines];
}

/** The texts that may name an action: its own, or for a move of a case that of the case page. */
export function actionKeys(action: string): string[] {
  const [family = "", rest = ""] = action.split(".", 2);
  const own = `action.${action.replaceAll(".", "_")}`;
  return family === "case" ? [own, `casePage.action.${rest}`] : [own];
}

const PAGES: Record<string, (target: string) => string> = {
  user: (id) => `/admin/users/${id}`,
  session: (id) => `/admin/users/${id}`,
  organisation: (id) => `/admin/organisations/${id}`,
  agent: (number) => `/admin/agents/${number}`,
  calendar: () => "/admin/calendar",
  unit: (id) => `/units/${id}`,
  specialist: (id) => `/units/specialists/${id}`,
  call: (id) => `/calls?call=${id}`,
  recording: (id) => `/calls?call=${id}`,
  enterprise: (id) => `/enterprises/${id}`,
};

/** The page of what was done something to; null where it has none. */
export function targetPage(action: string, target: string): string | null {
  const page = PAGES[action.split(".")[0] ?? ""];
  return page && target ? page(encodeURIComponent(target)) : null;
}

/** The query of /api/audit: days of the hotline's calendar become moments, the last one included. */
export function auditQuery({ from, to, ...rest }: Record<string, string | number>): Record<string, string | number> {
  const query = { ...rest };
  if (from) query.from = startOfDay(String(from)).toISOString();
  if (to) query.to = startOfDay(String(to), 1).toISOString();
  return query;
}

/** The query of /api/audit/export: the list's filters that are set. */
export function exportQuery(filters: Record<string, string>): Record<string, string | number> {
  return auditQuery(Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== "")));
}

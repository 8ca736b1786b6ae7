import type { CallFilter, Outcome } from "../api/types";
import { plain } from "../ui/table/address";
import { isDay, startOfDay } from "../ui/zone";

/** What the call log's address says: so that a filtered list can be sent to a colleague, and survives a reload. */
export interface Filters {
  from: string;
  to: string;
  search: string;
  queue: string;
  agent: string;
  outcome: Outcome | "";
  survey: string;
}

export const NONE: Filters = { from: "", to: "", search: "", queue: "", agent: "", outcome: "", survey: "" };

export const OUTCOMES: Outcome[] = [
  "answered",
  "abandoned_menu",
  "abandoned_queue",
  "voicemail",
  "out_of_hours",
  "safe_flow",
  "failed",
  "live",
];

/** The longest name of a queue or an agent that the service takes. */
const NAME = 64;

export function readFilters(params: URLSearchParams): Filters {
  const get = (name: keyof Filters) => plain(params.get(name));
  const day = (name: "from" | "to") => (isDay(get(name)) ? get(name) : "");
  return {
    from: day("from"),
    to: day("to"),
    search: get("search").slice(0, 100),
    queue: get("queue").slice(0, NAME),
    agent: get("agent").slice(0, NAME),
    outcome: OUTCOMES.find((outcome) => outcome === get("outcome")) ?? "",
    survey: /^[1-5]$/.test(get("survey")) ? get("survey") : "",
  };
}

export function writeFilters(filters: Filters): URLSearchParams {
  return new URLSearchParams(Object.entries(filters).filter(([, value]: [string, string]) => value !== ""));
}

/** The query for the service: days of the hotline's calendar become moments, the last one included. */
export function queryOf(filters: Filters): CallFilter {
  const query: CallFilter = {};
  if (filters.from) query.from = startOfDay(filters.from).toISOString();
  if (filters.to) query.to = startOfDay(filters.to, 1).toISOString();
  if (filters.search.trim()) query.search = filters.search.trim();
  if (filters.queue) query.queue = [filters.queue];
  if (filters.agent.trim()) query.agent = [filters.agent.trim()];
  if (filters.outcome) query.outcome = [filters.outcome];
  if (filters.survey) query.survey = [Number(filters.survey)];
  return query;
}

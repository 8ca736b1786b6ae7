import i18next from "i18next";
import { isProblem } from "../api/problem";

/** Any error as a sentence for a person. */
export function words(error: unknown): string {
  if (!isProblem(error)) return i18next.t("problem.unknown", { detail: error instanceof Error ? error.message : "" });
  const own = `problem.${error.errorId}`;
  const finer = `${own}.${error.reason}`;
  const key = error.reason && i18next.exists(finer) ? finer : own;
  const known = i18next.exists(key) ? i18next.t(key) : i18next.t("problem.unknown", { detail: error.message || error.errorId });
  const first = error.errors[0];
  return first ? `${known}（${first.where}: ${first.what}）` : known;
}

import { api, unwrap } from "../../api/client";
import type { CaseView } from "../../api/types";
import type { PersonAction } from "./forms";

interface Move {
  version: number;
  /** Made once for what is sent: sent twice it is one step. */
  requestId: string;
  body: Record<string, unknown>;
}

/** Has an action done. Every action has a route and a body of its own, which `FORMS` is checked against. */
export function sendMove(caseId: string, action: PersonAction, { version, requestId, body }: Move): Promise<CaseView> {
  const path = `/api/cases/{case_id}/${action.replaceAll("_", "-")}` as "/api/cases/{case_id}/sign";
  return unwrap(api.POST(path, { params: { path: { case_id: caseId } }, body: { ...body, version, request_id: requestId } }));
}

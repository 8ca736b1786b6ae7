import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { words } from "../../app/words";
import { Moment } from "../../ui/Moment";
import { newId } from "../../ui/newId";
import { StatusTag } from "../../ui/StatusTag";
import { KNOWLEDGE } from "../knowledge";
import { actOnRequest, OF_ENTRY, type KnowledgeRequest, REQUEST_TONES, type RequestAction, type RequestStep, REQUESTS, WITH_WHY } from "./requests";
import { StepDialog } from "./StepDialog";
import "./requests.css";

export function RequestTag({ request }: { request: KnowledgeRequest }) {
  const { t } = useTranslation();
  const { state, outcome } = request;
  return <StatusTag tone={REQUEST_TONES[state]}>{outcome ? t(`requests.outcome.${outcome}`) : t(`requests.state.${state}`)}</StatusTag>;
}

/** By when it is to be answered; past it, in words too. */
export function RequestDue({ request }: { request: KnowledgeRequest }) {
  const { t } = useTranslation();
  return (
    <span className="request-due">
      {request.overdue && <StatusTag tone="red">{t("requests.late")}</StatusTag>} <Moment iso={request.due_at} />
    </span>
  );
}

const DIRECT: ReadonlySet<RequestAction> = new Set(["take", "answer", "agree", "withdraw"]);
const FIRST: ReadonlySet<RequestAction> = new Set(["take", "answer", "agree"]);

/** One request whole, and what its reader may do now. */
export function RequestDetail({ request }: { request: KnowledgeRequest }) {
  const { t, i18n } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<RequestAction | null>(null);
  const [busy, setBusy] = useState<RequestAction | null>(null);
  const explained = request.due_explained?.[i18n.language.startsWith("zh") ? "zh" : "en"];

  async function act(action: RequestAction, said: RequestStep) {
    try {
      const after = await actOnRequest(request, action, said);
      client.setQueryData([...REQUESTS, "one", request.id], after);
      if (action === "answer" && after.answer_id) void navigate(`/knowledge/${after.answer_id}`);
    } finally {
      // Refused, too: most often somebody else was first.
      await Promise.all([REQUESTS, KNOWLEDGE].map((queryKey) => client.invalidateQueries({ queryKey })));
    }
  }
  async function direct(action: RequestAction) {
    setBusy(action);
    try {
      // An error report, or what an entry lacks, is answered by a revision of that entry.
      const named = OF_ENTRY.has(request.kind) ? request.entry_id : null;
      await act(action, action === "answer" ? { entry_id: named ?? newId() } : {});
    } catch (error) {
      void message.error(words(error));
    } finally {
      setBusy(null);
    }
  }
  const line = (name: string, shown: React.ReactNode) => (
    <div>
      <dt>{t(`requests.${name}`)}</dt>
      <dd>{shown}</dd>
    </div>
  );
  return (
    <div className="request" data-testid="request">
      <p className="request-head">
        <strong>{t(`requests.kind.${request.kind}`)}</strong> <RequestTag request={request} /> <RequestDue request={request} />
      </p>
      <dl>
        {line(request.kind === "error" ? "questionOf.error" : "questionOf.gap", request.question)}
        {request.proposal && line("proposal", request.proposal)}
        {request.entry_id &&
          line("about", <Link to={`/knowledge/${request.entry_id}`}>{request.entry_title || t("requests.entry")}</Link>)}
        {request.case_number && line("case", <Link to={`/cases/${request.case_number}`}>{request.case_number}</Link>)}
        {line("unit", request.unit_name || t("knowledge.hotline"))}
        {explained && line("dueWhy", explained)}
        {line("madeBy", <>{request.made_by_name} <Moment iso={request.made_at} /></>)}
        {request.taken_by_name && line("takenBy", request.taken_by_name)}
        {request.answer_id &&
          line("answeredBy", <Link to={`/knowledge/${request.answer_id}`}>{request.answer_title || t("requests.entry")}</Link>)}
        {request.reason && line("reason", request.reason)}
      </dl>
      <div className="request-actions">
        {request.actions.map((action) => (
          <Button
            key={action}
            type={FIRST.has(action) ? "primary" : "default"}
            loading={busy === action}
            onClick={() => (DIRECT.has(action) ? void direct(action) : setAsking(action))}
            data-testid={`request-${action}`}
          >
            {t(`requests.action.${action === "answer" && OF_ENTRY.has(request.kind) ? "amend" : action}`)}
          </Button>
        ))}
      </div>
      {asking && <StepDialog action={asking} why={WITH_WHY.has(asking)} onSend={(said) => act(asking, said)} onClose={() => setAsking(null)} />}
    </div>
  );
}

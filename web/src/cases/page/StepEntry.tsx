import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CallbackView, CaseView, ReplyView, StepView } from "../../api/types";
import { requestPage } from "../../knowledge/requests/requests";
import { EntryHead } from "./EntryHead";
import { useSaid } from "./useSaid";

interface Props {
  step: StepView;
  reply: ReplyView | null;
  callback: CallbackView | null;
  view: CaseView;
}
/** Shown in blocks of their own. */
const ANSWERS = new Set(["public_answer", "internal_handling", "answer"]);

/** One step: who did what, and what was said with it. */
export function StepEntry({ step, reply, callback, view }: Props) {
  const { t } = useTranslation();
  const { action, source, target } = step;
  const who = [step.by_name || t("casePage.course.deadline"), step.unit_name].filter(Boolean).join(" · ");
  const detail = { ...callback?.detail, ...reply?.detail, ...step.detail };
  return (
    <div data-testid={`step-${action}`}>
      <EntryHead title={t(`casePage.action.${action}`)} who={who} at={step.at}>
        {source !== target && (
          <span className="entry-moved">
            {t("casePage.course.moved", { source: t(`caseState.${source}`), target: t(`caseState.${target}`) })}
          </span>
        )}
      </EntryHead>
      {reply && <Answer reply={reply} />}
      {action === "edit" ? <Edited detail={detail} view={view} /> : <Said action={action} detail={detail} skip={reply ? ANSWERS : undefined} view={view} />}
    </div>
  );
}

function Answer({ reply }: { reply: ReplyView }) {
  const { t } = useTranslation();
  return (
    <>
      <blockquote className="answer public" data-testid="public-answer">
        <strong>{t(reply.kind === "to_lead" ? "casePage.course.public_to_lead" : "casePage.course.public")}</strong>
        <p>{reply.public_answer}</p>
      </blockquote>
      {reply.internal_handling && (
        <blockquote className="answer internal" data-testid="internal-handling">
          <strong>{t("casePage.course.internal")}</strong>
          <p>{reply.internal_handling}</p>
        </blockquote>
      )}
    </>
  );
}

interface SaidProps {
  action: string;
  detail: Record<string, unknown>;
  skip?: ReadonlySet<string>;
  view: CaseView;
}

function Said({ action, detail, skip, view }: SaidProps) {
  const { t } = useTranslation();
  const { label, say } = useSaid(view);
  const shown = Object.entries(detail).flatMap(([name, value]) => {
    const nested = name === "contact" && typeof value === "object" && value !== null;
    return nested ? Object.entries(value as Record<string, unknown>) : [[name, value] as [string, unknown]];
  });
  // Whoever was not reached could state nothing.
  const silent = (value: unknown) => value === "no_statement" && Boolean(detail.not_reached);
  const told = shown.filter(([name, value]) => !skip?.has(name) && !silent(value)).map(([name, value]) => [name, say(action, name, value)] as const);
  const rows = told.filter(([, words]) => words !== "");
  const cited = (Array.isArray(detail.knowledge) ? detail.knowledge : []) as { entry_id: string; number: number; title: string }[];
  const followUp = detail.follow_up as { need: string; request_id?: string } | undefined;
  if (rows.length === 0 && cited.length === 0 && !followUp) return null;
  return (
    <dl className="said">
      {rows.map(([name, words]) => (
        <div key={name}>
          <dt>{label(action, name)}</dt>
          <dd>{words}</dd>
        </div>
      ))}
      {followUp && (
        <div data-testid="step-follow-up">
          <dt>{label(action, "follow_up")}</dt>
          <dd>
            {followUp.request_id ? (
              <Link to={requestPage(followUp.request_id)}>{t(`requests.followUp.need.${followUp.need}`)}</Link>
            ) : (
              t(`requests.followUp.need.${followUp.need}`)
            )}
          </dd>
        </div>
      )}
      {cited.length > 0 && (
        <div>
          <dt>{label(action, "knowledge")}</dt>
          <dd>
            {cited.map(({ entry_id: id, number, title }) => (
              <Link key={id} to={`/knowledge/${id}?version=${number}`} data-testid="step-cited">
                {t("knowledge.cited", { title, number })}
              </Link>
            ))}
          </dd>
        </div>
      )}
    </dl>
  );
}

function Edited({ detail, view }: { detail: Record<string, unknown>; view: CaseView }) {
  const { t } = useTranslation();
  const { label, say } = useSaid(view);
  const before = (detail.before ?? {}) as Record<string, unknown>;
  const after = (detail.after ?? {}) as Record<string, unknown>;
  return (
    <dl className="said">
      {Object.keys(after).map((name) => (
        <div key={name}>
          <dt>{label("edit", name)}</dt>
          <dd>
            <del aria-label={t("casePage.course.before")}>{say("edit", name, before[name])}</del>{" "}
            <ins aria-label={t("casePage.course.after")}>{say("edit", name, after[name])}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}

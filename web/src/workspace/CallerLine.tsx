import { useTranslation } from "react-i18next";
import type { CallView } from "../api/types";
import { elapsed, fullMoment, roughly } from "../ui/time";
import { useCallerNumber } from "../ui/useCallerNumber";

/** The caller, the workspace, how long they waited, and the way they came. */
export function CallerLine({ call }: { call: CallView }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const number = useCallerNumber()(call.caller.number, call.entry);
  const until = call.answered_at ?? call.rang_at;
  const waited = call.queued_at && until ? elapsed(call.queued_at, Date.parse(until)) : null;
  const queue = i18n.exists(`queue.${call.queue}`) ? t(`queue.${call.queue}`) : call.queue;
  const entry = i18n.exists(`entry.${call.entry}`) ? t(`entry.${call.entry}`) : call.entry;
  // The keys, and where they led; every node of the way stands in the call log.
  const steps = call.path.filter((step, index) => step.digits || (step.label && index === call.path.length - 1));
  const pressed = steps.some((step) => step.digits);
  return (
    <div className="caller-line">
      <div className="caller-who">
        <strong className="caller-number" data-testid="caller-number">
          {number}
        </strong>
        {call.caller.name && call.caller.name !== call.caller.number && <span>{call.caller.name}</span>}
        <span className="tags">
          <span className="tag">{queue}</span>
          <span className="tag">{entry}</span>
          {waited !== null && <span className="tag">{t("pop.waited", { time: roughly(waited, language) })}</span>}
        </span>
      </div>
      <ol className="path" aria-label={t("pop.path")} data-testid="call-path">
        {!pressed && <li className="quiet">{t("pop.noKeys")}</li>}
        {steps.map((step, index) => (
          <li key={`${step.node}-${index}`} title={fullMoment(step.at)}>
            {step.label}
            {step.digits && <kbd>{step.digits}</kbd>}
          </li>
        ))}
      </ol>
    </div>
  );
}

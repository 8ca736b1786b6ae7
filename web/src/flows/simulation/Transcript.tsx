import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { StatusTag } from "../../ui/StatusTag";
import type { FlowWords } from "../graph/actions";
import { clockOf, type SimulatedCall } from "./simulation";

interface Props {
  call: SimulatedCall;
  words: FlowWords;
  onGo: (node: string) => void;
}

/** Node by node: when, what is heard, what is pressed, and where it leads. */
export function Transcript({ call, words, onGo }: Props) {
  const { t } = useTranslation();
  return (
    <div data-testid="simulation-transcript">
      <p>
        {t("flowSimulation.whole", { length: clockOf(call.seconds) })}{" "}
        {t(`flowSimulation.endedBy.${call.ended_by}`)}{" "}
        {call.person_at !== null && t("flowSimulation.personAt", { at: clockOf(call.person_at) })}
      </p>
      {call.failures.map((failure) => (
        <p key={failure}>
          <StatusTag tone="red">{t("flowSimulation.failure")}</StatusTag> {failure}
        </p>
      ))}
      <ol className="simulation-steps" aria-label={t("flowSimulation.transcript")}>
        {call.steps.map((step, at) => (
          <li key={at}>
            <time>{clockOf(step.at)}</time>
            <div>
              <Button type="link" size="small" disabled={Boolean(step.flow)} onClick={() => onGo(step.node)}>
                {step.label || step.node}
              </Button>
              <span className="quiet">
                {words.action(step.action)}
                {step.flow && ` · ${step.flow}`}
              </span>
              {(step.heard ?? []).map((part, index) => (
                <p key={index} className={part.seconds < part.whole ? "simulation-heard quiet" : "simulation-heard"}>
                  {part.words || part.text} <span className="quiet">{t("flowSimulation.seconds", { count: part.seconds })}</span>
                </p>
              ))}
              {step.keys && <p>{t("flowSimulation.pressed", { keys: step.keys })}</p>}
              {call.stays
                .filter((stay) => stay.node === step.node && stay.at >= step.at && stay.at < (call.steps[at + 1]?.at ?? Infinity))
                .map((stay) => (
                  <p key={stay.at}>
                    {t("flowSimulation.stay", { queue: stay.queue, waited: stay.waited, talked: stay.talked })}
                  </p>
                ))}
              {step.outcome && <p className="quiet">→ {words.outcome(step.action, step.outcome)}</p>}
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}

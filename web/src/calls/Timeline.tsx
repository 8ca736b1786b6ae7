import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { may, useSession } from "../api/session";
import type { CallDetail } from "../api/types";
import { duration, elapsed, fullMoment, roughly } from "../ui/time";
import { specialistPage } from "../units/units";
import { type Step, timeline } from "./timeline";

/** The course of a call, each step with the time since it began. */
export function Timeline({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const say = useSay();
  const user = useSession().data?.user;
  const mayOpen = user !== undefined && user !== null && may(user, "unit.read");
  return (
    <section>
      <h2>{t("detail.path")}</h2>
      <ol className="timeline" data-testid="timeline">
        {timeline(call).map((step, index) => (
          <li key={`${step.kind}-${index}`} data-kind={step.kind}>
            <time dateTime={step.at} title={fullMoment(step.at)}>
              +{duration(elapsed(call.started_at, Date.parse(step.at)))}
            </time>
            <span>
              {step.specialist && mayOpen ? <Link to={specialistPage(step.specialist)}>{say(step, call)}</Link> : say(step, call)}
              {step.digits && <kbd>{step.digits}</kbd>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function useSay(): (step: Step, call: CallDetail) => string {
  const { t, i18n } = useTranslation();
  const known = (group: string, code: string) => (i18n.exists(`${group}.${code}`) ? t(`${group}.${code}`) : code);
  return (step, call) => {
    const seconds = step.seconds === null ? "—" : roughly(step.seconds, i18n.language);
    switch (step.kind) {
      case "arrived":
        return `${t("detail.arrived")} · ${known("entry", call.entry)}`;
      case "node":
        return step.label;
      case "queued":
        return t("detail.queued", { queue: known("queue", step.label) });
      case "answered":
        return t("detail.answered", { agent: step.agent });
      case "lost":
        return t("detail.lost", { agent: step.agent });
      case "missed":
        return t("detail.missed", { agent: step.agent, seconds });
      case "threeway":
        return `${t("detail.threeway")} · ${step.label} · ${known("detail.result", step.agent ?? "")}`;
      case "move":
        return t(`detail.move.${step.label}`, { agent: step.agent });
      case "ended":
        return [t("detail.ended"), call.ended_by && known("detail.endedBy", call.ended_by)].filter(Boolean).join(" · ");
    }
  };
}

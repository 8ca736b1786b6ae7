import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { StatusTag } from "../ui/StatusTag";
import { keyOf, TONES, useFindingText } from "./findings";
import type { FlowProblem } from "./flows";

interface Props {
  problems: FlowProblem[];
  onGo: (problem: FlowProblem) => void;
}

/** What lint finds, the worst first; each leads to its place and says how to mend it. */
export function ProblemList({ problems, onGo }: Props) {
  const { t } = useTranslation();
  const say = useFindingText();
  const of = (severity: string) => problems.filter((problem) => problem.severity === severity).length;
  return (
    <details className="flow-problems" open={of("error") > 0} data-testid="flow-problems">
      <summary>
        {of("error") + of("warning") === 0 && <StatusTag tone="green">{t("flows.noProblems")}</StatusTag>}
        {Object.entries(TONES).map(([severity, tone]) => {
          const count = of(severity);
          return count > 0 && <StatusTag key={severity} tone={tone}>{t(`flows.${severity}`, { count })}</StatusTag>;
        })}
      </summary>
      <ul aria-label={t("flows.problems")}>
        {problems.map((problem) => (
          <li key={keyOf(problem)}>
            <StatusTag tone={TONES[problem.severity]}>{t(`flows.${problem.severity}One`)}</StatusTag>
            <Button type="link" size="small" onClick={() => onGo(problem)}>
              {problem.line > 0 && t("flows.line", { line: problem.line })} {problem.node}
            </Button>
            {say(problem.message)} <span className="quiet">{say(problem.mend)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

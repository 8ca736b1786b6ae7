import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { StatusTag } from "../ui/StatusTag";
import type { FlowProblem } from "./flows";

interface Props {
  problems: FlowProblem[];
  onGo: (problem: FlowProblem) => void;
}

/** What keeps the draft from being published, errors first; each leads to its place. */
export function ProblemList({ problems, onGo }: Props) {
  const { t } = useTranslation();
  if (problems.length === 0) {
    return (
      <p className="flow-problems" role="status" data-testid="flow-problems">
        <StatusTag tone="green">{t("flows.noProblems")}</StatusTag>
      </p>
    );
  }
  const sorted = [...problems].sort((one, other) => Number(other.error) - Number(one.error));
  return (
    <ul className="flow-problems" aria-label={t("flows.problems")} data-testid="flow-problems">
      {sorted.map((problem) => (
        <li key={`${problem.where} ${problem.what}`}>
          <StatusTag tone={problem.error ? "red" : "amber"}>{t(problem.error ? "flows.error" : "flows.warning")}</StatusTag>
          <Button type="link" size="small" onClick={() => onGo(problem)}>
            {problem.line > 0 && t("flows.line", { line: problem.line })} {problem.where}
          </Button>
          {problem.what}
        </li>
      ))}
    </ul>
  );
}

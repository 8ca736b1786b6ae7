import type { ReactNode } from "react";
import { keyOf, useFindingText } from "../findings";
import type { FlowProblem } from "../flows";

interface Props {
  /** Of the control that the label belongs to. */
  id: string;
  label: string;
  problems?: readonly FlowProblem[];
  children: ReactNode;
}

/** A control with its label above and what is wrong with it below. */
export function Field({ id, label, problems = [], children }: Props) {
  const say = useFindingText();
  return (
    <div className="graph-field">
      <label htmlFor={id}>{label}</label>
      {children}
      {problems.map((problem) => (
        <span key={keyOf(problem)} className={`graph-field-${problem.severity}`} title={say(problem.mend)}>
          {say(problem.message)}
        </span>
      ))}
    </div>
  );
}

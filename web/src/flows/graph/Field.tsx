import type { ReactNode } from "react";
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
  return (
    <div className="graph-field">
      <label htmlFor={id}>{label}</label>
      {children}
      {problems.map((problem) => (
        <span key={problem.where + problem.what} className={problem.error ? "graph-field-error" : "graph-field-warning"}>
          {problem.what}
        </span>
      ))}
    </div>
  );
}

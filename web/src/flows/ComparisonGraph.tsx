import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { StatusTag } from "../ui/StatusTag";
import { DRAFT, type FlowDifference, FLOWS, loadFlow, loadVersion } from "./flows";
import { CHANGE_TONES } from "./findings";
import { drawnTogether } from "./graph/difference";
import FlowGraphEditor from "./graph/FlowGraphEditor";

interface Props {
  id: string;
  before: number;
  after: number;
  differences: readonly FlowDifference[];
}

/** What differs, in colour on the graph; the list beside it says the same in words. */
export default function ComparisonGraph({ id, before, after, differences }: Props) {
  const { t } = useTranslation();
  const [old, now] = [useDocument(id, before), useDocument(id, after)];
  const drawn = useMemo(() => old && now && drawnTogether(old, now, differences), [old, now, differences]);
  if (!drawn) return <div className="graph-canvas" aria-busy="true" />;
  return (
    <div className="flow-comparison" data-testid="comparison-graph">
      <p>
        {(["added", "changed", "removed"] as const).map((change) => (
          <StatusTag key={change} tone={CHANGE_TONES[change]}>
            {t(`flows.change.${change}`)}
          </StatusTag>
        ))}
      </p>
      <FlowGraphEditor document={drawn.document} marks={drawn.marks} problems={[]} readOnly view="graph" onChange={() => undefined} />
    </div>
  );
}

function useDocument(id: string, number: number) {
  const query = useQuery({
    queryKey: [...FLOWS, id, "document", number],
    queryFn: async () => (number === DRAFT ? (await loadFlow(id)).draft : await loadVersion(id, number)).document,
    staleTime: number === DRAFT ? 0 : Infinity,
  });
  return query.data;
}

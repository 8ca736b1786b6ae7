import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { StatusTag } from "../../ui/StatusTag";
import { useFindingText } from "../findings";
import type { FlowTest, SimulatedCall } from "./simulation";

/** Each test case of the flow, with what was not as expected; its call is shown on the graph. */
export function TestResults({ results, onShow }: { results: FlowTest[]; onShow: (call: SimulatedCall) => void }) {
  const { t } = useTranslation();
  const say = useFindingText();
  const failed = results.filter((each) => !each.passed).length;
  if (results.length === 0) return <p className="quiet">{t("flowSimulation.noTests")}</p>;
  return (
    <div data-testid="simulation-tests">
      <StatusTag tone={failed > 0 ? "red" : "green"}>
        {t(failed > 0 ? "flowSimulation.someFail" : "flowSimulation.allPass", { failed, count: results.length })}
      </StatusTag>
      <ul className="simulation-tests">
        {results.map((result, at) => (
          <li key={at}>
            <StatusTag tone={result.passed ? "green" : "red"}>{t(result.passed ? "flowSimulation.passed" : "flowSimulation.failed")}</StatusTag>
            <Button type="link" size="small" disabled={!result.call} onClick={() => result.call && onShow(result.call)}>
              {result.name}
            </Button>
            {result.unmet.map((unmet) => (
              <p key={unmet.en}>{say(unmet)}</p>
            ))}
          </li>
        ))}
      </ul>
    </div>
  );
}

import { CloseOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Input, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { words as sentence } from "../../app/words";
import type { FlowDocument } from "../flows";
import { useFlowActions, useFlowWords } from "../graph/actions";
import { CallerForm } from "./CallerForm";
import { type CallerPart, runTests, simulateCall, type SimulatedCall, withTest } from "./simulation";
import "./simulation.css";
import { TestResults } from "./TestResults";
import { Transcript } from "./Transcript";

interface Props {
  id: string;
  document: FlowDocument;
  /** Whether test cases can be kept. */
  canWrite: boolean;
  /** False while what is typed cannot be read. */
  readable: boolean;
  call: SimulatedCall | null;
  onCall: (call: SimulatedCall | null) => void;
  onGo: (node: string) => void;
  onChange: (document: FlowDocument) => void;
  onClose: () => void;
}

/** A call through the flow as it is typed, without a telephone; and all of its test cases. */
export function SimulationPanel({ id, document, canWrite, readable, call, onCall, onGo, onChange, onClose }: Props) {
  const { t } = useTranslation();
  const { actions } = useFlowActions();
  const words = useFlowWords(actions);
  const [caller, setCaller] = useState<CallerPart | null>(null);
  const [name, setName] = useState("");
  const trial = useMutation({ mutationFn: (given: CallerPart) => simulateCall(id, document, given), onSuccess: onCall });
  const tests = useMutation({ mutationFn: () => runTests(id, document) });
  const failure = trial.error ?? tests.error;

  function keep() {
    if (!call || !caller || name.trim() === "") return;
    onChange(withTest(document, name.trim(), caller, call));
    setName("");
  }
  return (
    <section className="simulation" aria-label={t("flowSimulation.title")} data-testid="simulation">
      <h2>
        {t("flowSimulation.title")}
        <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t("flowSimulation.close")} onClick={onClose} />
      </h2>
      <CallerForm
        disabled={!readable}
        busy={trial.isPending}
        onCall={(given) => {
          setCaller(given);
          tests.reset();
          trial.mutate(given);
        }}
      />
      <Button
        size="small"
        disabled={!readable}
        loading={tests.isPending}
        onClick={() => {
          trial.reset();
          setCaller(null);
          onCall(null);
          tests.mutate();
        }}
        data-testid="simulation-run-tests"
      >
        {t("flowSimulation.runTests")}
      </Button>
      {failure && <Alert type="error" showIcon role="alert" title={sentence(failure)} />}
      {tests.data && <TestResults results={tests.data} onShow={onCall} />}
      {call && <Transcript call={call} words={words} onGo={onGo} />}
      {call && caller && canWrite && (
        <Space.Compact block>
          <Input
            value={name}
            maxLength={100}
            placeholder={t("flowSimulation.testName")}
            aria-label={t("flowSimulation.testName")}
            onChange={(event) => setName(event.target.value)}
            onPressEnter={keep}
            data-testid="simulation-test-name"
          />
          <Button disabled={name.trim() === ""} onClick={keep} data-testid="simulation-keep">
            {t("flowSimulation.keep")}
          </Button>
        </Space.Compact>
      )}
    </section>
  );
}

import { Button, DatePicker, Form, Input, InputNumber, Select } from "antd";
import type { Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { answersOf, type CallerPart, CASES, isAnswers, KNOWN, QUEUE_OUTCOMES } from "./simulation";

const LANGUAGES = ["zh", "en"] as const;

interface Entered {
  number?: string;
  at?: Dayjs | null;
  language: "zh" | "en";
  known: (typeof KNOWN)[number];
  answers?: string;
  queue: (typeof QUEUE_OUTCOMES)[number];
  waits?: number | null;
  case: (typeof CASES)[number];
  hangs_up_at?: number | null;
}

interface Props {
  disabled: boolean;
  busy: boolean;
  onCall: (caller: CallerPart) => void;
}

/** Who calls, when, and what they do. */
export function CallerForm({ disabled, busy, onCall }: Props) {
  const { t } = useTranslation();
  return (
    <Form<Entered>
      layout="vertical"
      size="small"
      className="simulation-form"
      disabled={disabled}
      initialValues={{ number: "13900000000", language: "zh", known: "no", queue: "answered", waits: 5, case: "none" }}
      onFinish={(entered) => onCall(callerOf(entered))}
    >
      <Form.Item
        name="answers"
        label={t("flowSimulation.answers")}
        extra={t("flowSimulation.answersHint")}
        rules={[{ validator: (_, typed?: string) => (isAnswers(typed ?? "") ? Promise.resolve() : Promise.reject(new Error(t("flowSimulation.answersWrong")))) }]}
      >
        <Input maxLength={400} data-testid="simulation-answers" />
      </Form.Item>
      <div className="simulation-pair">
        <Form.Item name="number" label={t("flowSimulation.number")} rules={[{ pattern: /^\+?[0-9]{0,31}$/, message: t("flowSimulation.numberWrong") }]}>
          <Input />
        </Form.Item>
        <Form.Item name="at" label={t("flowSimulation.at")}>
          <DatePicker showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" placeholder={t("flowSimulation.now")} />
        </Form.Item>
        <Form.Item name="known" label={t("flowSimulation.known")}>
          <Select options={KNOWN.map((value) => ({ value, label: t(`flowSimulation.knownAs.${value}`) }))} />
        </Form.Item>
        <Form.Item name="language" label={t("flowSimulation.language")}>
          <Select options={LANGUAGES.map((value) => ({ value, label: t(`flowSimulation.languages.${value}`) }))} />
        </Form.Item>
        <Form.Item name="queue" label={t("flowSimulation.queue")}>
          <Select options={QUEUE_OUTCOMES.map((value) => ({ value, label: t(`flowSimulation.queues.${value}`) }))} />
        </Form.Item>
        <Form.Item name="waits" label={t("flowSimulation.waits")}>
          <InputNumber min={0} max={14_400} />
        </Form.Item>
        <Form.Item name="case" label={t("flowSimulation.case")}>
          <Select options={CASES.map((value) => ({ value, label: t(`flowSimulation.cases.${value}`) }))} />
        </Form.Item>
        <Form.Item name="hangs_up_at" label={t("flowSimulation.hangsUp")}>
          <InputNumber min={0} max={14_400} />
        </Form.Item>
      </div>
      <Button type="primary" htmlType="submit" loading={busy} data-testid="simulation-call">
        {t("flowSimulation.call")}
      </Button>
    </Form>
  );
}

function callerOf({ number = "", at, language, known, answers = "", queue, waits, case: state, hangs_up_at }: Entered): CallerPart {
  return {
    number,
    at: (at ? at.toDate() : new Date()).toISOString(),
    language,
    known,
    // The service takes the short form that a flow's text has as well.
    answers: answersOf(answers) as unknown as CallerPart["answers"],
    queues: [{ outcome: queue, after: waits ?? 5 }] as CallerPart["queues"],
    case: state,
    ...(hangs_up_at === null || hangs_up_at === undefined ? {} : { hangs_up_at }),
  };
}

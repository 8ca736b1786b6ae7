import { Button, DatePicker, Form, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../../ui/Failed";
import { useNow } from "../../ui/useNow";
import { startOfDay, wallClock } from "../../ui/zone";
import { DRAFT, type FlowView } from "../flows";
import { type Replay, startReplay } from "./replays";

interface Entered {
  number: number;
  days: [Dayjs, Dayjs];
}

interface Props {
  flow: FlowView;
  busy: boolean;
  onStarted: (replay: Replay) => void;
}

/** Which calls through which version; yesterday's through the draft, where nothing else is said. */
export function NewReplay({ flow, busy, onStarted }: Props) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Entered>();
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const today = dayjs(wallClock(useNow()).slice(0, 10));

  async function start({ number, days: [first, last] }: Entered) {
    setSending(true);
    setRefused(null);
    try {
      const since = startOfDay(first.format("YYYY-MM-DD")).toISOString();
      const until = startOfDay(last.format("YYYY-MM-DD"), 1).toISOString();
      onStarted(await startReplay(flow.id, { number, since, until }));
    } catch (error) {
      setRefused(error);
    } finally {
      setSending(false);
    }
  }
  const yesterday = today.subtract(1, "day");
  const latest = Math.max(0, ...flow.in_force.map(({ number }) => number));
  const versions = Array.from({ length: latest }, (_, index) => latest - index);
  return (
    <>
      <Form<Entered>
        form={form}
        layout="inline"
        className="replay-form"
        initialValues={{ number: DRAFT, days: [yesterday, yesterday] }}
        onFinish={(entered) => void start(entered)}
      >
        <Form.Item name="number" label={t("replay.through")}>
          <Select
            popupMatchSelectWidth={false}
            options={[
              { value: DRAFT, label: t("replay.draft") },
              ...versions.map((number) => ({ value: number, label: t("flows.version", { number }) })),
            ]}
          />
        </Form.Item>
        <Form.Item name="days" label={t("replay.calls")} rules={[{ required: true, message: t("form.required") }]}>
          <DatePicker.RangePicker
            presets={[
              { label: t("replay.today"), value: [today, today] },
              { label: t("replay.yesterday"), value: [yesterday, yesterday] },
              { label: t("replay.week"), value: [today.subtract(7, "day"), yesterday] },
            ]}
          />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={sending} disabled={busy} data-testid="replay-start">
          {t("replay.start")}
        </Button>
      </Form>
      {refused !== null && <Failed error={refused} onRetry={() => form.submit()} />}
    </>
  );
}

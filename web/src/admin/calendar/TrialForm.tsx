import { Alert, Button, Form, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { components } from "../../api/generated";
import { words } from "../../app/words";
import { instantOf, wallClock } from "../../ui/zone";
import { fullMoment } from "../../ui/time";
import { useMinute } from "../../ui/useNow";
import type { HoursTable } from "./calendar";

interface Fields {
  table: string;
  start: string;
  count: number;
  unit: "days" | "hours" | "minutes";
}

/** Start and amount in, the moment it is due and why out. */
export function TrialForm({ tables }: { tables: HoursTable[] }) {
  const { t, i18n } = useTranslation();
  const now = useMinute();
  const [result, setResult] = useState<components["schemas"]["TrialResult"] | null>(null);
  const [refused, setRefused] = useState<unknown>(null);

  async function run({ table, start, count, unit }: Fields) {
    setRefused(null);
    setResult(null);
    try {
      const moment = new Date(instantOf(`${start}:00`)).toISOString();
      setResult(await unwrap(api.GET("/api/calendar/trial", { params: { query: { table, start: moment, [unit]: count } } })));
    } catch (error) {
      setRefused(error);
    }
  }
  const initial: Fields = { table: tables[0]?.name ?? "office", start: wallClock(now).slice(0, 16), count: 5, unit: "days" };
  const required = [{ required: true, message: t("form.required") }];
  return (
    <>
      <Form<Fields> layout="vertical" className="trial-form" initialValues={initial} onFinish={run} data-testid="calendar-trial">
        <Form.Item name="start" label={t("calendar.start")} rules={required}>
          <Input type="datetime-local" />
        </Form.Item>
        <Form.Item name="count" label={t("calendar.amount")} rules={required}>
          <InputNumber min={1} max={1000} />
        </Form.Item>
        <Form.Item name="unit" label={t("calendar.unit")}>
          <Select style={{ minWidth: 120 }} options={(["days", "hours", "minutes"] as const).map((value) => ({ value, label: t(`calendar.units.${value}`) }))} />
        </Form.Item>
        <Form.Item name="table" label={t("calendar.table")}>
          <Select style={{ minWidth: 160 }} options={tables.map((one) => ({ value: one.name, label: one.title }))} />
        </Form.Item>
        <Form.Item>
          <Button type="primary" htmlType="submit" data-testid="calendar-try">
            {t("calendar.try")}
          </Button>
        </Form.Item>
      </Form>
      {refused !== null && <Alert type="error" showIcon role="alert" title={words(refused)} />}
      {result && (
        <Alert
          type={result.unpublished.length > 0 ? "warning" : "success"}
          showIcon
          data-testid="calendar-result"
          title={t("calendar.due", { moment: fullMoment(result.due) })}
          description={i18n.language.startsWith("zh") ? result.text_zh : result.text_en}
        />
      )}
    </>
  );
}

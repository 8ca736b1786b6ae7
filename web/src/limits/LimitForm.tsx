import { useQueryClient } from "@tanstack/react-query";
import { Form, Input, InputNumber, Select, Space } from "antd";
import { useTranslation } from "react-i18next";
import { useCalendar } from "../admin/calendar/useCalendar";
import { FormDialog } from "../ui/FormDialog";
import { type Amount, amountOf, type Limit, LIMITS, UNITS } from "./limits";
import { changeLimit } from "./limitsApi";
import { useLimitWords } from "./useLimitWords";

interface Entered extends Amount {
  hours: string;
  source: string;
  reason: string;
}

/** The city's own value of one limit: how long, by which hours, by which rule, and why it changes. */
export function LimitForm({ limit, onClose }: { limit: Limit; onClose: () => void }) {
  const { t } = useTranslation();
  const words = useLimitWords();
  const client = useQueryClient();
  const tables = useCalendar().data?.tables ?? [];
  const hours = [...new Map([[limit.hours, limit.hours], ["24x7", t("limitTable.aroundTheClock")], ...tables.map(({ name, title }) => [name, title] as const)])];
  async function change({ count, unit, ...entered }: Entered) {
    await changeLimit(limit, { ...entered, amount: `${count}${unit}` });
    await client.invalidateQueries({ queryKey: LIMITS });
    await client.invalidateQueries({ queryKey: ["limitChanges"] });
  }
  const required = [{ required: true, whitespace: true, message: t("form.required") }];
  return (
    <FormDialog<Entered>
      title={t("common.of", { what: t("limitTable.change"), which: words.key(limit.key) })}
      text={t("limitTable.changeText")}
      okText={t("limitTable.change")}
      okTestId="limit-confirm"
      initial={{ ...amountOf(limit.amount), hours: limit.hours, source: limit.source === "default" ? "" : limit.source }}
      onSend={change}
      onClose={onClose}
    >
      <Form.Item label={t("limitTable.amount")} required>
        <Space.Compact block>
          <Form.Item name="count" noStyle rules={[{ required: true, message: t("form.required") }]}>
            <InputNumber min={1} max={999} precision={0} aria-label={t("limitTable.amount")} style={{ width: "50%" }} data-testid="limit-count" />
          </Form.Item>
          <Form.Item name="unit" noStyle>
            <Select
              aria-label={t("limitTable.unit")}
              style={{ width: "50%" }}
              options={UNITS.map((value) => ({ value, label: t(`limitTable.units.${value}`) }))}
            />
          </Form.Item>
        </Space.Compact>
      </Form.Item>
      <Form.Item name="hours" label={t("limitTable.hours")}>
        <Select options={hours.map(([value, label]) => ({ value, label }))} />
      </Form.Item>
      <Form.Item name="source" label={t("limitTable.source")} extra={t("limitTable.sourceHint")} rules={required}>
        <Input maxLength={200} data-testid="limit-source" />
      </Form.Item>
      <Form.Item name="reason" label={t("limitTable.reason")} rules={required}>
        <Input.TextArea rows={2} maxLength={500} data-testid="limit-reason" />
      </Form.Item>
    </FormDialog>
  );
}

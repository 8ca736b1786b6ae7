import { Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { MomentPicker } from "../../cases/page/pickers";

export interface UntilFields {
  hours: number;
  until?: string;
}

/** In place of a number of hours: the end is picked. */
export const PICKED = 0;

/** The end of something that is switched on: after some hours, or at a moment. */
export function Until({ hours }: { hours: readonly number[] }) {
  const { t } = useTranslation();
  const picked = Form.useWatch("hours") === PICKED;
  const options = hours.map((count) => ({ value: count, label: t("announcement.hours", { count }) }));
  return (
    <>
      <Form.Item name="hours" label={t("announcement.end")} extra={t("announcement.endHint")}>
        <Select<number> options={[...options, { value: PICKED, label: t("announcement.pick") }]} data-testid="switch-hours" />
      </Form.Item>
      {picked && (
        <Form.Item name="until" label={t("announcement.until")} rules={[{ required: true, message: t("form.required") }]}>
          <MomentPicker />
        </Form.Item>
      )}
    </>
  );
}

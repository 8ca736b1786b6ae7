import { Alert, Button, Checkbox, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import { ServiceForm } from "../../ui/form/ServiceForm";
import { SideDrawer } from "../../ui/SideDrawer";
import { useMinute } from "../../ui/useNow";
import { wallClock } from "../../ui/zone";
import { useEdit } from "../useEdit";
import { type CalendarYear, type DayEntry, nextKind } from "./calendar";
import { CALENDAR } from "./useCalendar";
import { YearGrid } from "./YearGrid";

interface Fields {
  source: string;
  published: string;
  complete: boolean;
}

/** A year at a glance; whoever keeps the calendar clicks days and saves them as the next notice. */
export function YearEditor({ year, canManage }: { year: CalendarYear; canManage: boolean }) {
  const { t } = useTranslation();
  const [days, setDays] = useState<DayEntry[]>(year.notice?.days ?? []);
  const today = useMinute();
  const [saving, setSaving] = useState(false);
  const edit = useEdit(CALENDAR);
  const before = new Map((year.notice?.days ?? []).map((one) => [one.day, one.kind]));
  const now = new Map(days.map((one) => [one.day, one.kind]));
  const edited = new Set([...before.keys(), ...now.keys()].filter((day) => before.get(day) !== now.get(day)));

  function click(day: string) {
    const kind = nextKind(day, now.get(day));
    const others = days.filter((one) => one.day !== day);
    setDays(kind ? [...others, { day, kind, name: "" }] : others);
  }
  async function save(fields: Fields) {
    const body = { ...fields, version: year.notice?.version ?? 0, days };
    await edit(unwrap(api.PUT("/api/calendar/years/{year}", { params: { path: { year: year.year } }, body })));
    setSaving(false);
  }
  const initial: Fields = { source: "", published: wallClock(today).slice(0, 10), complete: year.notice?.complete ?? false };
  return (
    <>
      {!year.published && (
        <Alert
          type="error"
          showIcon
          role="alert"
          data-testid="calendar-unpublished"
          title={t("calendar.unpublished", { year: year.year })}
          description={t("calendar.unpublishedText")}
        />
      )}
      {year.notice && (
        <p className="quiet">
          {t("calendar.source", { source: year.notice.source, version: year.notice.version, published: year.notice.published ?? t("calendar.noDate") })}
        </p>
      )}
      {canManage && <p className="quiet">{t("calendar.clickHint")}</p>}
      <YearGrid year={year.year} days={days} edited={edited} onClick={canManage ? click : undefined} />
      {edited.size > 0 && (
        <p className="form-buttons">
          <Button type="primary" onClick={() => setSaving(true)} data-testid="calendar-save">
            {t("calendar.saveDays", { count: edited.size })}
          </Button>
          <Button onClick={() => setDays(year.notice?.days ?? [])}>{t("calendar.discard")}</Button>
        </p>
      )}
      <SideDrawer open={saving} title={t("calendar.saveTitle", { year: year.year })} onClose={() => setSaving(false)} testId="calendar-notice">
        <ServiceForm<Fields> initial={initial} fields={["source", "published", "complete"]} onSave={save} onCancel={() => setSaving(false)}>
          <Form.Item name="source" label={t("calendar.sourceWord")} extra={t("calendar.sourceHint")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
            <Input maxLength={200} />
          </Form.Item>
          <Form.Item name="published" label={t("calendar.publishedOn")} rules={[{ required: true, message: t("form.required") }]}>
            <Input type="date" />
          </Form.Item>
          <Form.Item name="complete" valuePropName="checked" extra={t("calendar.completeHint")}>
            <Checkbox>{t("calendar.complete")}</Checkbox>
          </Form.Item>
        </ServiceForm>
      </SideDrawer>
    </>
  );
}

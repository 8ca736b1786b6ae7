import { Button, Checkbox, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import { ServiceForm } from "../../ui/form/ServiceForm";
import { useEdit } from "../useEdit";
import { type HoursTable, WEEKDAYS, weekOf, type WeekTexts, weekTexts, windowsOf } from "./calendar";
import { CALENDAR } from "./useCalendar";

interface Fields {
  name: string;
  title: string;
  week: WeekTexts;
  make_up: string;
  holidays: boolean;
  seasons: { first: string; last: string; week: WeekTexts }[];
}

export function HoursForm({ table, onClose }: { table: HoursTable | null; onClose: () => void }) {
  const { t } = useTranslation();
  const edit = useEdit(CALENDAR);

  async function save({ name, title, week, make_up, holidays, seasons }: Fields) {
    const hours = {
      week: weekOf(week),
      make_up: make_up.trim() ? windowsOf(make_up) : null,
      holidays,
      seasons: seasons.map((one) => ({ ...one, week: weekOf(one.week) })),
      zone: table?.hours.zone ?? "Asia/Shanghai",
    };
    if (table === null) await edit(unwrap(api.POST("/api/calendar/tables", { body: { name, title, hours } })));
    else {
      const params = { path: { name: table.name } };
      await edit(unwrap(api.PUT("/api/calendar/tables/{name}", { params, body: { version: table.version, title, hours } })));
    }
    onClose();
  }
  const initial: Fields = {
    name: table?.name ?? "",
    title: table?.title ?? "",
    week: weekTexts(table?.hours.week ?? {}),
    make_up: table?.hours.make_up?.join(" ") ?? "",
    holidays: table?.hours.holidays ?? true,
    seasons: table?.hours.seasons?.map((one) => ({ ...one, week: weekTexts(one.week) })) ?? [],
  };
  const required = [{ required: true, whitespace: true, message: t("form.required") }];
  return (
    <ServiceForm<Fields> initial={initial} fields={["name", "title"]} owner={{ "calendar.table_name_taken": "name" }} onSave={save} onCancel={onClose}>
      {table === null && (
        <Form.Item name="name" label={t("calendar.tableName")} extra={t("calendar.tableNameHint")} rules={[...required, { pattern: /^[a-z0-9][a-z0-9-]{0,39}$/, message: t("calendar.tableNameHint") }]}>
          <Input maxLength={40} />
        </Form.Item>
      )}
      <Form.Item name="title" label={t("calendar.tableTitle")} rules={required}>
        <Input maxLength={100} />
      </Form.Item>
      <p className="quiet">{t("calendar.windowsHint")}</p>
      <WeekFields path={["week"]} />
      <Form.Item name="make_up" label={t("calendar.makeUp")} extra={t("calendar.makeUpHint")}>
        <Input />
      </Form.Item>
      <Form.Item name="holidays" valuePropName="checked">
        <Checkbox>{t("calendar.observes")}</Checkbox>
      </Form.Item>
      <Form.List name="seasons">
        {(rows, { add, remove }) => (
          <>
            {rows.map((row) => (
              <fieldset key={row.key} className="field-group">
                <legend>{t("calendar.season")}</legend>
                <div className="field-row">
                  <Form.Item name={[row.name, "first"]} label={t("calendar.seasonFirst")} rules={required}>
                    <Input placeholder="05-01" />
                  </Form.Item>
                  <Form.Item name={[row.name, "last"]} label={t("calendar.seasonLast")} rules={required}>
                    <Input placeholder="09-30" />
                  </Form.Item>
                </div>
                <WeekFields path={[row.name, "week"]} />
                <Button onClick={() => remove(row.name)}>{t("calendar.removeSeason")}</Button>
              </fieldset>
            ))}
            <Button onClick={() => add({ first: "", last: "", week: {} })}>{t("calendar.addSeason")}</Button>
          </>
        )}
      </Form.List>
    </ServiceForm>
  );
}

function WeekFields({ path }: { path: (string | number)[] }) {
  const { t } = useTranslation();
  return WEEKDAYS.map((day) => (
    <Form.Item key={day} name={[...path, day]} label={t(`calendar.weekday.${day}`)}>
      <Input placeholder={t("calendar.closed")} />
    </Form.Item>
  ));
}

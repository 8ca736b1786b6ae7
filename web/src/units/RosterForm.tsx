import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Segmented, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEdit } from "../admin/useEdit";
import { ServiceForm } from "../ui/form/ServiceForm";
import { MOST_SHIFTS } from "./grid";
import { type ExceptionRow, exceptionRows, exceptionsOf, type WeekRow, weeklyOf, weekRows } from "./roster";
import { RosterGrid } from "./RosterGrid";
import { saveRoster } from "./rosterApi";
import "./units.css";
import { type RosteredSpecialist, type UnitRoster, UNITS } from "./units";

interface Fields {
  week: WeekRow[];
  exceptions: ExceptionRow[];
}

interface Props {
  unit: UnitRoster;
  specialist: RosteredSpecialist;
  onClose: () => void;
}

const WORKDAYS = [0, 1, 2, 3, 4];

/** The duty roster of one specialist: the week, and dates that are otherwise. */
export function RosterForm({ unit, specialist, onClose }: Props) {
  const { t } = useTranslation();
  const edit = useEdit(UNITS);
  const [byRows, setByRows] = useState(false);
  // What the form began with, whatever is read again meanwhile.
  const [begun] = useState({ unit, specialist });

  async function save({ week, exceptions }: Fields) {
    await edit(saveRoster(begun.unit, begun.specialist, { weekly: weeklyOf(week), exceptions: exceptionsOf(exceptions) }));
    onClose();
  }
  return (
    <ServiceForm<Fields>
      initial={{ week: weekRows(specialist.roster?.weekly), exceptions: exceptionRows(specialist.roster?.exceptions) }}
      fields={["week", "exceptions"]}
      owner={{ "unit.substitute": "exceptions" }}
      onSave={save}
      onCancel={onClose}
    >
      <div className="roster-ways">
        <h2>{t("roster.of", { name: specialist.name })}</h2>
        <Segmented<boolean>
          value={byRows}
          onChange={setByRows}
          options={[
            { value: false, label: t("roster.byGrid") },
            { value: true, label: t("roster.byRows") },
          ]}
          aria-label={t("roster.ways")}
          data-testid="roster-ways"
        />
      </div>
      {byRows ? <Week /> : <GridField />}
      <Exceptions colleagues={unit.specialists.filter((one) => one.active && one.id !== specialist.id)} />
    </ServiceForm>
  );
}

function GridField() {
  const { t } = useTranslation();
  const fewEnough = (_: unknown, rows: WeekRow[]) =>
    weeklyOf(rows).length <= MOST_SHIFTS ? Promise.resolve() : Promise.reject(new Error(t("roster.tooMany", { count: MOST_SHIFTS })));
  return (
    <fieldset className="field-group">
      <legend>{t("roster.week")}</legend>
      <p className="quiet">{t("roster.weekHint")}</p>
      <Form.Item name="week" rules={[{ validator: fewEnough }]}>
        <RosterGrid />
      </Form.Item>
    </fieldset>
  );
}

function Week() {
  const { t } = useTranslation();
  const days = [...WORKDAYS, 5, 6].map((value) => ({ value, label: t(`roster.weekday.${value}`) }));
  return (
    <Form.List name="week">
      {(rows, { add, remove }) => (
        <fieldset className="field-group">
          <legend>{t("roster.week")}</legend>
          <p className="quiet">{t("roster.weekHint")}</p>
          {rows.map((row) => (
            <div key={row.key} className="roster-row">
              <Form.Item name={[row.name, "weekdays"]} className="whole" rules={[{ required: true, message: t("form.required") }]}>
                <Select mode="multiple" options={days} placeholder={t("roster.days")} aria-label={t("roster.days")} optionFilterProp="label" />
              </Form.Item>
              <Hours at={row.name} required />
              <Remove onClick={() => remove(row.name)} />
            </div>
          ))}
          <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({ weekdays: WORKDAYS, start: "09:00", end: "17:30" })} data-testid="roster-add">
            {t("roster.addShift")}
          </Button>
        </fieldset>
      )}
    </Form.List>
  );
}

function Exceptions({ colleagues }: { colleagues: RosteredSpecialist[] }) {
  const { t } = useTranslation();
  const options = colleagues.map((one) => ({ value: one.id, label: one.name }));
  return (
    <Form.List name="exceptions">
      {(rows, { add, remove }) => (
        <fieldset className="field-group">
          <legend>{t("roster.exceptions")}</legend>
          <p className="quiet">{t("roster.exceptionsHint")}</p>
          {rows.map((row) => (
            <div key={row.key} className="roster-row">
              <Form.Item name={[row.name, "day"]} rules={[{ required: true, message: t("form.required") }]}>
                <Input type="date" aria-label={t("roster.day")} />
              </Form.Item>
              <Form.Item name={[row.name, "substitute_id"]} className="grow">
                <Select allowClear options={options} placeholder={t("roster.substitute")} aria-label={t("roster.substitute")} />
              </Form.Item>
              <Hours at={row.name} />
              <Form.Item name={[row.name, "note"]} className="grow">
                <Input maxLength={100} placeholder={t("roster.note")} aria-label={t("roster.note")} />
              </Form.Item>
              <Remove onClick={() => remove(row.name)} />
            </div>
          ))}
          <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})}>
            {t("roster.addException")}
          </Button>
        </fieldset>
      )}
    </Form.List>
  );
}

function Hours({ at, required = false }: { at: number; required?: boolean }) {
  const { t } = useTranslation();
  return (["start", "end"] as const).map((edge) => (
    <Form.Item key={edge} name={[at, edge]} rules={required ? [{ required, message: t("form.required") }] : []}>
      <Input type="time" aria-label={t(`roster.${edge}`)} />
    </Form.Item>
  ));
}

function Remove({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  return <Button type="text" icon={<DeleteOutlined />} aria-label={t("admin.remove")} onClick={onClick} />;
}

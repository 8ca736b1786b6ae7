import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useEdit } from "../admin/useEdit";
import { api, unwrap } from "../api/client";
import { ServiceForm } from "../ui/form/ServiceForm";
import { type ExceptionRow, exceptionRows, exceptionsOf, type WeekRow, weeklyOf, weekRows } from "./roster";
import "./units.css";
import { type SpecialistDetail, type UnitDetail, UNITS } from "./units";

interface Fields {
  week: WeekRow[];
  exceptions: ExceptionRow[];
}

interface Props {
  unit: UnitDetail;
  specialist: SpecialistDetail;
  onClose: () => void;
}

const WORKDAYS = [0, 1, 2, 3, 4];

/** The duty roster of one specialist: the week, and dates that are otherwise. */
export function RosterForm({ unit, specialist, onClose }: Props) {
  const { t } = useTranslation();
  const edit = useEdit(UNITS);
  const params = { path: { unit_id: unit.id, specialist_id: specialist.id } };

  async function save({ week, exceptions }: Fields) {
    const body = { version: unit.version, weekly: weeklyOf(week), exceptions: exceptionsOf(exceptions) };
    await edit(unwrap(api.PUT("/api/units/{unit_id}/specialists/{specialist_id}/roster", { params, body })));
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
      <h3>{t("roster.of", { name: specialist.name })}</h3>
      <Week />
      <Exceptions colleagues={unit.specialists.filter((one) => one.active && one.id !== specialist.id)} />
    </ServiceForm>
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

function Exceptions({ colleagues }: { colleagues: SpecialistDetail[] }) {
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

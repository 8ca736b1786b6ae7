import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import { useEdit } from "../admin/useEdit";
import { api, unwrap } from "../api/client";
import { ServiceForm } from "../ui/form/ServiceForm";
import { peopleOf, type PhoneDraft, type SpecialistDetail, type UnitDetail, UNITS } from "./units";

const MOST_PHONES = 5;

interface Fields {
  name: string;
  title: string;
  answerable_scope: string;
  on_duty: boolean;
  active: boolean;
  user_id?: string | null;
  phones: PhoneDraft[];
}

interface Props {
  unit: UnitDetail;
  /** null: a new one. */
  specialist: SpecialistDetail | null;
  onClose: () => void;
}

export function SpecialistForm({ unit, specialist, onClose }: Props) {
  const { t } = useTranslation();
  const edit = useEdit(UNITS);
  const path = { unit_id: unit.id };
  const fresh: Partial<Fields> = { on_duty: true, title: "", answerable_scope: "", phones: [{ label: t("units.mobile"), kind: "external", number: "" }] };

  async function save({ active, user_id = null, ...fields }: Fields) {
    if (specialist === null) {
      await edit(unwrap(api.POST("/api/units/{unit_id}/specialists", { params: { path }, body: fields })));
    } else {
      const params = { path: { ...path, specialist_id: specialist.id } };
      const body = { ...fields, active, user_id, version: unit.version };
      await edit(unwrap(api.PATCH("/api/units/{unit_id}/specialists/{specialist_id}", { params, body })));
    }
    onClose();
  }
  return (
    <ServiceForm<Fields>
      initial={specialist ?? fresh}
      fields={["name", "title", "answerable_scope", "on_duty", "active", "user_id", "phones"]}
      owner={{ "unit.specialist_user": "user_id" }}
      onSave={save}
      onCancel={onClose}
    >
      <Form.Item name="name" label={t("units.specialistName")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="title" label={t("units.title")}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="answerable_scope" label={t("units.scope")} extra={t("units.scopeHint")}>
        <Input.TextArea rows={3} maxLength={4000} />
      </Form.Item>
      {!specialist?.roster && (
        <Form.Item name="on_duty" label={t("units.isOnDuty")} valuePropName="checked">
          <Switch />
        </Form.Item>
      )}
      {specialist && (
        <Form.Item name="active" label={t("units.stillThere")} valuePropName="checked">
          <Switch />
        </Form.Item>
      )}
      {specialist && <LogIn unitId={unit.id} />}
      <Phones />
    </ServiceForm>
  );
}

/** Who the specialist is among the unit's users. */
function LogIn({ unitId }: { unitId: string }) {
  const { t } = useTranslation();
  const people = useQuery(peopleOf(unitId));
  const options = (people.data ?? []).filter((one) => one.active).map((one) => ({ value: one.id, label: `${one.name} ${one.username}` }));
  return (
    <Form.Item name="user_id" label={t("units.logIn")} extra={t("units.logInHint")}>
      <Select allowClear loading={people.isPending} options={options} placeholder={t("units.noLogIn")} showSearch={{ optionFilterProp: "label" }} />
    </Form.Item>
  );
}

function Phones() {
  const { t } = useTranslation();
  const kinds = (["internal", "external"] as const).map((value) => ({ value, label: t(`units.kind.${value}`) }));
  return (
    <Form.List name="phones">
      {(rows, { add, remove }) => (
        <fieldset className="field-group">
          <legend>{t("units.phones")}</legend>
          <p className="quiet">{t("units.phonesHint")}</p>
          {rows.map((row) => (
            <div key={row.key} className="field-row">
              <Form.Item name={[row.name, "label"]} rules={[{ required: true, message: t("form.required") }]}>
                <Input maxLength={50} placeholder={t("units.label")} aria-label={t("units.label")} />
              </Form.Item>
              <Form.Item name={[row.name, "kind"]}>
                <Select options={kinds} aria-label={t("units.kindWord")} popupMatchSelectWidth={false} />
              </Form.Item>
              <Form.Item
                name={[row.name, "number"]}
                className="grow"
                rules={[{ required: true, pattern: /^\+?\d{2,20}$/, message: t("units.numberRule") }]}
              >
                <Input inputMode="tel" placeholder={t("units.number")} aria-label={t("units.number")} maxLength={21} />
              </Form.Item>
              <Button type="text" icon={<DeleteOutlined />} aria-label={t("admin.remove")} disabled={rows.length === 1} onClick={() => remove(row.name)} />
            </div>
          ))}
          <Button type="dashed" icon={<PlusOutlined />} disabled={rows.length >= MOST_PHONES} onClick={() => add({ kind: "external" })}>
            {t("units.addPhone")}
          </Button>
        </fieldset>
      )}
    </Form.List>
  );
}

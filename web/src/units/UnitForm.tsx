import { Form, Input, Select } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useEdit } from "../admin/useEdit";
import { api, unwrap } from "../api/client";
import { ServiceForm } from "../ui/form/ServiceForm";
import { parentsFor, treeOptions } from "../ui/table/tree";
import { loadUnits, type UnitDetail, UNITS } from "./units";

interface Fields {
  name: string;
  parent_id?: string | null;
}

interface Props {
  /** null: a new one. */
  unit: UnitDetail | null;
  onDone: (unit: UnitDetail) => void;
  onClose: () => void;
}

export function UnitForm({ unit, onDone, onClose }: Props) {
  const { t } = useTranslation();
  const edit = useEdit(UNITS);
  const { data = [] } = useQuery({ queryKey: [...UNITS, "all"], queryFn: () => loadUnits() });

  async function save({ name, parent_id = null }: Fields) {
    if (unit === null) {
      onDone(await edit(unwrap(api.POST("/api/units", { body: { name, parent_id, specialists: [] } }))));
      return;
    }
    const body = { version: unit.version, name, ...(parent_id !== unit.parent_id && { parent_id }) };
    onDone(await edit(unwrap(api.PATCH("/api/units/{unit_id}", { params: { path: { unit_id: unit.id } }, body }))));
  }
  return (
    <ServiceForm<Fields>
      initial={unit ? { name: unit.name, parent_id: unit.parent_id } : {}}
      fields={["name", "parent_id"]}
      owner={{ "unit.name_taken": "name", "unit.cycle": "parent_id", "unit.parent_not_found": "parent_id" }}
      onSave={save}
      onCancel={onClose}
    >
      <Form.Item name="name" label={t("units.name")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="parent_id" label={t("units.parent")} normalize={(value?: string) => value ?? null}>
        <Select allowClear placeholder={t("units.noParent")} options={treeOptions(parentsFor(data, unit?.id ?? null))} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
    </ServiceForm>
  );
}

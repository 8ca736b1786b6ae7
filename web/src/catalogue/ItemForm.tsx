import { useQuery } from "@tanstack/react-query";
import { Form, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useEdit } from "../admin/useEdit";
import { api, unwrap } from "../api/client";
import { ServiceForm } from "../ui/form/ServiceForm";
import { parentsFor, treeOptions } from "../ui/table/tree";
import { loadUnits, UNITS } from "../units/units";
import { CATALOGUE, type CatalogueItem, type ItemLimit } from "./catalogue";

interface Fields {
  code: string;
  name: string;
  parent_id?: string | null;
  unit_id?: string | null;
  keywords: string[];
  limit: { amount?: number | null; unit: ItemLimit["unit"]; basis?: string };
}

interface Props {
  /** null: a new one. */
  item: CatalogueItem | null;
  items: CatalogueItem[];
  onClose: () => void;
}

const DEEPEST = 5;

export function ItemForm({ item, items, onClose }: Props) {
  const { t } = useTranslation();
  const edit = useEdit(CATALOGUE);
  const { data: units = [] } = useQuery({ queryKey: [...UNITS, "all"], queryFn: () => loadUnits() });
  const parents = parentsFor(items.filter((one) => one.active && one.level < DEEPEST), item?.id ?? null);
  const fresh: Partial<Fields> = { keywords: [], limit: { unit: "working_day" } };
  const known: Partial<Fields> = { ...item, unit_id: item?.unit?.id ?? null, limit: item?.limit ?? { unit: "working_day" } };

  async function save({ limit, parent_id = null, unit_id = null, ...fields }: Fields) {
    const given = limit.amount ? { amount: limit.amount, unit: limit.unit, basis: limit.basis ?? "" } : null;
    const body = { ...fields, parent_id, unit_id, limit: given };
    if (item === null) await edit(unwrap(api.POST("/api/catalogue", { body })));
    else {
      const params = { path: { item_id: item.id } };
      await edit(unwrap(api.PATCH("/api/catalogue/{item_id}", { params, body: { ...body, version: item.version } })));
    }
    onClose();
  }
  return (
    <ServiceForm<Fields>
      initial={item ? known : fresh}
      fields={["code", "name", "parent_id", "unit_id", "keywords", "limit"]}
      owner={{ "catalogue.code_taken": "code", "catalogue.cycle": "parent_id", "catalogue.too_deep": "parent_id", "catalogue.parent_not_found": "parent_id", "catalogue.unit_not_found": "unit_id" }}
      onSave={save}
      onCancel={onClose}
    >
      <Form.Item name="code" label={t("catalogue.code")} rules={[{ required: true, pattern: /^[A-Za-z0-9][\w.-]{0,31}$/, message: t("catalogue.codeRule") }]}>
        <Input maxLength={32} />
      </Form.Item>
      <Form.Item name="name" label={t("catalogue.name")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="parent_id" label={t("catalogue.parent")} normalize={(value?: string) => value ?? null}>
        <Select allowClear placeholder={t("catalogue.top")} options={treeOptions(parents)} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
      <Form.Item name="unit_id" label={t("catalogue.unit")} extra={t("catalogue.unitHint")} normalize={(value?: string) => value ?? null}>
        <Select allowClear options={units.map((unit) => ({ value: unit.id, label: unit.name }))} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
      <Form.Item name="keywords" label={t("catalogue.keywords")} extra={t("catalogue.keywordsHint")}>
        <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[",", "，", "、", " "]} />
      </Form.Item>
      <Limit />
    </ServiceForm>
  );
}

function Limit() {
  const { t } = useTranslation();
  const amount = Form.useWatch<number | null>(["limit", "amount"]);
  const units = (["working_day", "working_hour"] as const).map((value) => ({ value, label: t(`catalogue.limitUnit.${value}`) }));
  return (
    <fieldset className="field-group">
      <legend>{t("catalogue.limit")}</legend>
      <p className="quiet">{t("catalogue.limitHint")}</p>
      <div className="field-row">
        <Form.Item name={["limit", "amount"]}>
          <InputNumber min={1} max={365} precision={0} aria-label={t("catalogue.limit")} />
        </Form.Item>
        <Form.Item name={["limit", "unit"]}>
          <Select options={units} aria-label={t("catalogue.limitUnitWord")} popupMatchSelectWidth={false} />
        </Form.Item>
      </div>
      <Form.Item name={["limit", "basis"]} label={t("catalogue.basis")} rules={amount ? [{ required: true, whitespace: true, message: t("catalogue.basisRule") }] : []}>
        <Input maxLength={200} />
      </Form.Item>
    </fieldset>
  );
}

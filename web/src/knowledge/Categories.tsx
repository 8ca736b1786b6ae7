import { PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEdit } from "../admin/useEdit";
import { EmptyState } from "../ui/EmptyState";
import { ServiceForm } from "../ui/form/ServiceForm";
import { SideDrawer } from "../ui/SideDrawer";
import { StatusTag } from "../ui/StatusTag";
import { asTree, parentsFor, treeOptions } from "../ui/table/tree";
import { TreeName } from "../ui/table/TreeName";
import { CATEGORIES, type Category, changeCategory, createCategory } from "./knowledge";

interface Fields {
  name: string;
  parent_id: string | null;
  position: number;
  active?: boolean;
}

/** The tree of categories, kept by those who publish. */
export function Categories({ rows, open, onClose }: { rows: readonly Category[]; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const edit = useEdit(CATEGORIES);
  const [chosen, setChosen] = useState<Category | "new" | null>(null);
  const one = chosen === "new" ? null : chosen;

  async function save({ name, parent_id, position, active }: Fields) {
    if (one === null) await edit(createCategory({ name, parent_id, position }));
    else await edit(changeCategory(one, { name, parent_id, position, active: active ?? one.active }));
    setChosen(null);
  }
  return (
    <SideDrawer open={open} title={t("knowledge.categories")} onClose={onClose} testId="categories">
      {chosen === null ? (
        <>
          <Button icon={<PlusOutlined />} onClick={() => setChosen("new")} data-testid="category-new">
            {t("knowledge.categoryNew")}
          </Button>
          {rows.length === 0 && <EmptyState title={t("knowledge.categoryNone")} hint={t("knowledge.categoryNoneHint")} />}
          <ul className="entry-versions form-note">
            {asTree(rows).map((row) => (
              <li key={row.id}>
                <TreeName depth={row.depth}>
                  <Button type="link" size="small" onClick={() => setChosen(row)}>
                    {row.name}
                  </Button>
                </TreeName>
                {!row.active && <StatusTag>{t("admin.inactive")}</StatusTag>}
              </li>
            ))}
          </ul>
        </>
      ) : (
        <ServiceForm<Fields>
          initial={one ?? { position: rows.length, parent_id: null }}
          fields={["name", "parent_id", "position"]}
          owner={{ "knowledge.category": "parent_id" }}
          onSave={save}
          onCancel={() => setChosen(null)}
        >
          <Form.Item name="name" label={t("knowledge.categoryName")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
            <Input maxLength={50} data-testid="category-name" />
          </Form.Item>
          <Form.Item name="parent_id" label={t("catalogue.parent")} normalize={(value?: string) => value ?? null}>
            <Select
              allowClear
              placeholder={t("catalogue.top")}
              options={treeOptions(parentsFor(rows.filter((row) => row.active), one?.id ?? null))}
            />
          </Form.Item>
          <Form.Item name="position" label={t("knowledge.categoryPosition")} rules={[{ required: true, message: t("form.required") }]}>
            <InputNumber min={0} max={10_000} precision={0} />
          </Form.Item>
          {one !== null && (
            <Form.Item name="active" label={t("units.inUse")} valuePropName="checked">
              <Switch />
            </Form.Item>
          )}
        </ServiceForm>
      )}
    </SideDrawer>
  );
}

import { Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { parentsFor, treeOptions } from "../ui/table/tree";
import { useOrganisations } from "./organisations";

interface Props {
  name: "organisation_id" | "parent_id";
  label: string;
  /** Not offered, nor what is below it. */
  except?: string | null;
}

/** Those in use, as a tree. */
export function OrganisationSelect({ name, label, except = null }: Props) {
  const { t } = useTranslation();
  const { data = [], isPending } = useOrganisations();
  const options = treeOptions(parentsFor(data, except).filter((one) => one.active));
  return (
    <Form.Item name={name} label={label} rules={[{ required: true, message: t("form.required") }]}>
      <Select options={options} loading={isPending} showSearch={{ optionFilterProp: "label" }} />
    </Form.Item>
  );
}

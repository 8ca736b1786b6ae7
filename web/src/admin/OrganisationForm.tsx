import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { ServiceForm } from "../ui/form/ServiceForm";
import { OrganisationSelect } from "./OrganisationSelect";
import { type Kind, KINDS, type Organisation, ORGANISATIONS } from "./organisations";
import { useEdit } from "./useEdit";
import { USERS } from "./users";

interface Fields {
  name: string;
  kind: Kind;
  parent_id: string;
}

interface Props {
  /** null: a new one. */
  organisation: Organisation | null;
  onClose: () => void;
}

export function OrganisationForm({ organisation, onClose }: Props) {
  const { t } = useTranslation();
  const edit = useEdit(ORGANISATIONS, USERS);
  const isRoot = organisation !== null && organisation.parent_id === null;

  async function save(fields: Fields) {
    if (organisation === null) {
      await edit(unwrap(api.POST("/api/organisations", { body: fields })));
    } else {
      const params = { path: { organisation_id: organisation.id } };
      const body = { ...(isRoot ? { name: fields.name } : fields), version: organisation.version };
      await edit(unwrap(api.PATCH("/api/organisations/{organisation_id}", { params, body })));
    }
    onClose();
  }
  const initial: Partial<Fields> = organisation
    ? { name: organisation.name, kind: organisation.kind, ...(organisation.parent_id && { parent_id: organisation.parent_id }) }
    : { kind: "vendor" };
  return (
    <ServiceForm<Fields>
      initial={initial}
      fields={["name", "kind", "parent_id"]}
      owner={{ "organisation.name_taken": "name", "organisation.cycle": "parent_id", "organisation.inactive": "parent_id" }}
      onSave={save}
      onCancel={onClose}
    >
      <Form.Item name="name" label={t("organisations.name")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
        <Input maxLength={100} />
      </Form.Item>
      {!isRoot && (
        <>
          <Form.Item name="kind" label={t("organisations.kindWord")}>
            <Select options={KINDS.map((value) => ({ value, label: t(`organisations.kind.${value}`) }))} />
          </Form.Item>
          <OrganisationSelect name="parent_id" label={t("organisations.parent")} except={organisation?.id ?? null} />
        </>
      )}
    </ServiceForm>
  );
}

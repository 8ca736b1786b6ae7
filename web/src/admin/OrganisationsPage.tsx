import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { PageHead } from "../ui/PageHead";
import { SideDrawer } from "../ui/SideDrawer";
import { StatusTag } from "../ui/StatusTag";
import { type Column, DataTable } from "../ui/table/DataTable";
import { TextFilter } from "../ui/table/filters";
import { localPage } from "../ui/table/localPage";
import { asTree, type Placed } from "../ui/table/tree";
import { TreeName } from "../ui/table/TreeName";
import { useTable } from "../ui/table/useTable";
import { OrganisationDrawer } from "./OrganisationDrawer";
import { OrganisationForm } from "./OrganisationForm";
import { loadOrganisations, type Organisation, ORGANISATIONS } from "./organisations";

const RULES = { words: (one: Organisation) => [one.name] };

/** Who users work for: the hotline, vendors, and their units. */
export default function OrganisationsPage({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const { id } = useParams();
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const canManage = may(user, "user.manage");
  const table = useTable<Placed<Organisation>>({
    name: ORGANISATIONS[0]!,
    filters: ["search"],
    load: async (query) => {
      const page = localPage(await loadOrganisations(), query, RULES);
      return { ...page, items: asTree(page.items) };
    },
  });
  const columns: Column<Placed<Organisation>>[] = [
    {
      key: "name",
      title: t("organisations.name"),
      render: (_, one) => (
        <TreeName depth={one.depth}>
          <Link to={`/admin/organisations/${one.id}`}>{one.name}</Link>
        </TreeName>
      ),
    },
    { key: "kind", title: t("organisations.kindWord"), render: (_, one) => t(`organisations.kind.${one.kind}`) },
    { key: "users", title: t("organisations.users"), align: "right", dataIndex: "users" },
    {
      key: "state",
      title: t("organisations.state"),
      render: (_, one) => <StatusTag tone={one.active ? "green" : "plain"}>{t(one.active ? "admin.active" : "admin.inactive")}</StatusTag>,
    },
  ];
  const add = canManage && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)} data-testid="organisation-new">
      {t("organisations.add")}
    </Button>
  );
  return (
    <div className="page">
      <PageHead title={t("section.organisations")} lead={t("section.organisationsDoes")}>
        {add}
      </PageHead>
      <DataTable<Placed<Organisation>>
        table={table}
        columns={columns}
        rowKey={(one) => one.id}
        rowLink={(one) => `/admin/organisations/${one.id}`}
        label={t("section.organisations")}
        filters={<TextFilter value={table.address.filters.search} label={t("organisations.search")} onChange={(search) => table.filter({ search })} />}
        empty={{ title: t("organisations.none"), hint: t("organisations.noneHint"), action: add }}
      />
      <OrganisationDrawer
        id={id ?? null}
        canManage={canManage}
        onClose={() => void navigate(`/admin/organisations${params.size > 0 ? `?${params}` : ""}`)}
      />
      <SideDrawer open={adding} title={t("organisations.add")} onClose={() => setAdding(false)} testId="organisation-form">
        <OrganisationForm organisation={null} onClose={() => setAdding(false)} />
      </SideDrawer>
    </div>
  );
}

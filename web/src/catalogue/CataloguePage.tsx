import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { ImportButton } from "../ui/import/ImportButton";
import { PageHead } from "../ui/PageHead";
import { SideDrawer } from "../ui/SideDrawer";
import { type Column, DataTable } from "../ui/table/DataTable";
import { ChoiceFilter, TextFilter } from "../ui/table/filters";
import { asTree, type Placed } from "../ui/table/tree";
import { TreeName } from "../ui/table/TreeName";
import { useTable } from "../ui/table/useTable";
import { CATALOGUE, type CatalogueItem, loadCatalogue } from "./catalogue";
import { ItemDrawer } from "./ItemDrawer";
import { ItemForm } from "./ItemForm";
import { withAncestors } from "./search";

type Row = Placed<CatalogueItem>;

/** What cases are about, which unit handles it, and within which limit. */
export default function CataloguePage({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const { id } = useParams();
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const canWrite = may(user, "unit.write");
  const all = useQuery({ queryKey: [...CATALOGUE, "all"], queryFn: () => loadCatalogue() });
  const table = useTable<Row>({
    name: CATALOGUE[0]!,
    filters: ["search", "state"],
    load: async ({ search, state }) => {
      const items = asTree(withAncestors(await loadCatalogue(state !== "closed"), String(search ?? "")));
      return { items, next: null, total: items.length };
    },
  });
  const columns: Column<Row>[] = [
    { key: "name", title: t("catalogue.name"), render: (_, item) => (
      <TreeName depth={item.depth}>
        <Link to={`/catalogue/${item.id}`}>{item.name}</Link>
      </TreeName>
    ) },
    { key: "code", title: t("catalogue.code"), dataIndex: "code" },
    { key: "unit", title: t("catalogue.unit"), render: (_, item) => <span className={item.unit ? undefined : "quiet"}>{item.handled_by?.name ?? "—"}</span> },
    { key: "limit", title: t("catalogue.limit"), render: (_, item) => item.limit_applied && t(`catalogue.limitIs.${item.limit_applied.unit}`, { count: item.limit_applied.amount }) },
    { key: "keywords", title: t("catalogue.keywords"), ellipsis: true, width: 300, render: (_, item) => item.keywords.join(t("home.and")) },
  ];
  const add = canWrite && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)} data-testid="item-new">
      {t("catalogue.add")}
    </Button>
  );
  const { filters } = table.address;
  return (
    <div className="page">
      <PageHead title={t("section.catalogue")} lead={t("section.catalogueDoes")}>
        {canWrite && (
          <ImportButton kind="catalogue" title={t("catalogue.import")} hint={t("catalogue.importHint")} refreshes={CATALOGUE} testId="catalogue-import" />
        )}
        {add}
      </PageHead>
      <DataTable<Row>
        table={table}
        columns={columns}
        rowKey={(item) => item.id}
        rowLink={(item) => `/catalogue/${item.id}`}
        label={t("section.catalogue")}
        filters={
          <>
            <TextFilter value={filters.search} label={t("catalogue.search")} onChange={(search) => table.filter({ search })} testId="item-search" />
            <ChoiceFilter value={filters.state} label={t("units.inUse")} options={[{ value: "closed", label: t("units.closed") }]} onChange={(state) => table.filter({ state })} />
          </>
        }
        empty={{ title: t("catalogue.none"), hint: t(canWrite ? "catalogue.noneHint" : "catalogue.noneHintRead"), action: add }}
      />
      <ItemDrawer id={id ?? null} items={all} canWrite={canWrite} onClose={() => void navigate(`/catalogue${params.size > 0 ? `?${params}` : ""}`)} />
      <SideDrawer open={adding} title={t("catalogue.add")} onClose={() => setAdding(false)}>
        <ItemForm item={null} items={all.data ?? []} onClose={() => setAdding(false)} />
      </SideDrawer>
    </div>
  );
}

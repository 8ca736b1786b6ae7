import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate, useParams, useSearchParams } from "react-router";
import { may } from "../api/session";
import type { SessionUser, UnitView } from "../api/types";
import { PageHead } from "../ui/PageHead";
import { SideDrawer } from "../ui/SideDrawer";
import { StatusTag } from "../ui/StatusTag";
import { type Column, DataTable } from "../ui/table/DataTable";
import { ChoiceFilter, TextFilter } from "../ui/table/filters";
import { localPage } from "../ui/table/localPage";
import { asTree, type Placed } from "../ui/table/tree";
import { TreeName } from "../ui/table/TreeName";
import { useTable } from "../ui/table/useTable";
import { SpecialistPage } from "./SpecialistPage";
import { UnitDrawer } from "./UnitDrawer";
import { UnitForm } from "./UnitForm";
import { UnitRosterPage } from "./UnitRosterPage";
import { loadUnits, onDuty, specialistPage, UNITS } from "./units";

const RULES = {
  words: (unit: UnitView) => [unit.name, ...unit.specialists.flatMap((one) => [one.name, one.answerable_scope])],
  sorts: { name: (unit: UnitView) => unit.name, specialists: (unit: UnitView) => unit.specialists.length, onDuty },
};

function Names({ of }: { of: UnitView }) {
  const { t } = useTranslation();
  if (of.specialists.length === 0) return "—";
  return of.specialists.map((one, at) => (
    <Fragment key={one.id}>
      {at > 0 && t("home.and")}
      <Link to={specialistPage(one.id)}>{one.name}</Link>
    </Fragment>
  ));
}

/** The list with one unit beside it, a unit's roster, or one specialist. */
export default function UnitsPage({ user }: { user: SessionUser }) {
  const { id, specialist } = useParams();
  const { pathname } = useLocation();
  if (specialist !== undefined) return <SpecialistPage key={specialist} id={specialist} user={user} />;
  if (id !== undefined && pathname.endsWith("/roster")) return <UnitRosterPage key={id} id={id} />;
  return <UnitList user={user} />;
}

/** Who answers what: the handling units and their policy specialists. */
function UnitList({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const { id } = useParams();
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const canWrite = may(user, "unit.write");
  const table = useTable<Placed<UnitView>>({
    name: UNITS[0]!,
    filters: ["search", "state"],
    sorts: ["name", "specialists", "onDuty"],
    load: async ({ state, ...query }) => {
      const page = localPage(await loadUnits(state !== "closed"), query, RULES);
      return { ...page, items: asTree(page.items) };
    },
  });
  const own = canWrite ? undefined : table.query.data?.items.find((unit) => unit.may_edit);
  const columns: Column<Placed<UnitView>>[] = [
    { key: "name", title: t("units.name"), sortable: true, render: (_, unit) => (
      <TreeName depth={unit.depth}>
        <Link to={`/units/${unit.id}`}>{unit.name}</Link>
      </TreeName>
    ) },
    { key: "specialists", title: t("units.specialists"), sortable: true, align: "right", render: (_, unit) => unit.specialists.length },
    {
      key: "onDuty",
      title: t("units.onDuty"),
      sortable: true,
      render: (_, unit) => (
        <StatusTag tone={onDuty(unit) > 0 ? "green" : "amber"}>
          {onDuty(unit) > 0 ? t("units.onDutyCount", { count: onDuty(unit) }) : t("units.nobody")}
        </StatusTag>
      ),
    },
    { key: "who", title: t("units.who"), render: (_, unit) => <Names of={unit} /> },
  ];
  const add = canWrite && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)} data-testid="unit-new">
      {t("units.add")}
    </Button>
  );
  return (
    <div className="page">
      <PageHead title={t("section.units")} lead={t("section.unitsDoes")}>
        {own && (
          <Link to={`/units/${own.id}`} data-testid="own-unit">
            {t("units.own")}
          </Link>
        )}
        {add}
      </PageHead>
      <DataTable<Placed<UnitView>>
        table={table}
        columns={columns}
        rowKey={(unit) => unit.id}
        rowLink={(unit) => `/units/${unit.id}`}
        label={t("section.units")}
        filters={
          <>
            <TextFilter value={table.address.filters.search} label={t("units.search")} onChange={(search) => table.filter({ search })} />
            {canWrite && (
              <ChoiceFilter
                value={table.address.filters.state}
                label={t("units.inUse")}
                options={[{ value: "closed", label: t("units.closed") }]}
                onChange={(state) => table.filter({ state })}
                testId="unit-state"
              />
            )}
          </>
        }
        empty={{ title: t("units.none"), hint: t(canWrite ? "units.noneHint" : "units.noneHintRead"), action: add }}
      />
      <UnitDrawer
        id={id ?? null}
        user={user}
        onClose={() => void navigate(`/units${params.size > 0 ? `?${params}` : ""}`)}
      />
      <SideDrawer open={adding} title={t("units.add")} onClose={() => setAdding(false)}>
        <UnitForm
          unit={null}
          onClose={() => setAdding(false)}
          onDone={(unit) => {
            setAdding(false);
            void navigate(`/units/${unit.id}`);
          }}
        />
      </SideDrawer>
    </div>
  );
}

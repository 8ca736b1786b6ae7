import { useQuery } from "@tanstack/react-query";
import { DatePicker, Select, TreeSelect } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { CaseView } from "../../api/types";
import { CATALOGUE, loadCatalogue } from "../../catalogue/catalogue";
import { rowsBelow } from "../../ui/table/tree";
import { instantOf, wallClock } from "../../ui/zone";
import { ownAssignments } from "./forms";
import { type TreeNode, useUnits } from "./units";

/** As a form's item hands them to its control. */
interface Control<T> {
  id?: string;
  disabled?: boolean;
  value?: T;
  onChange?: (value: T | undefined) => void;
}

const TREE = {
  showSearch: { treeNodeFilterProp: "title" },
  treeDefaultExpandAll: true,
  treeDataSimpleMode: true,
  allowClear: true,
} as const;

interface UnitProps<T> extends Control<T> {
  /** Only units below these. */
  below?: readonly string[];
  multiple?: boolean;
  testId?: string;
}

export function UnitPicker<T extends string | string[]>({ below, multiple = false, testId, ...control }: UnitProps<T>) {
  const { t } = useTranslation();
  const units = useUnits();
  const rows = below === undefined ? (units.data ?? []) : rowsBelow(units.data ?? [], below);
  const treeData = rows.map(({ id, parent_id: pId, name }): TreeNode => ({ id, pId, value: id, title: name }));
  return (
    <TreeSelect<T>
      {...control}
      {...TREE}
      // Built again when the units have come: only then are all of them open.
      key={units.isSuccess ? "units" : "none"}
      multiple={multiple}
      treeData={treeData}
      loading={units.isPending}
      placeholder={t("casePage.pick.unit")}
      notFoundContent={t("casePage.pick.none")}
      data-testid={testId}
    />
  );
}

export function ItemPicker(control: Control<string>) {
  const { t } = useTranslation();
  const items = useQuery({ queryKey: [...CATALOGUE, "pick"], queryFn: () => loadCatalogue(true), staleTime: 300_000 });
  const treeData = (items.data ?? []).map(
    ({ id, parent_id: pId, code, name }): TreeNode => ({ id, pId, value: id, title: `${code} ${name}` }),
  );
  return (
    <TreeSelect<string>
      {...control}
      {...TREE}
      treeData={treeData}
      treeDefaultExpandAll={false}
      loading={items.isPending}
      placeholder={t("casePage.pick.item")}
      notFoundContent={t("casePage.pick.none")}
      data-testid="pick-item"
    />
  );
}

/** A moment by the hotline's clock, kept as the service writes it. */
export function MomentPicker({ id, value, onChange }: Control<string>) {
  return (
    <DatePicker
      id={id}
      showTime={{ format: "HH:mm" }}
      format="YYYY-MM-DD HH:mm"
      value={value ? dayjs(wallClock(Date.parse(value))) : null}
      onChange={(picked) => onChange?.(picked ? new Date(instantOf(picked.format("YYYY-MM-DDTHH:mm:00"))).toISOString() : undefined)}
      style={{ width: "100%" }}
    />
  );
}

interface CaseControl extends Control<string> {
  view: CaseView;
}

export function AssignmentPicker({ view, states, helping, ...control }: CaseControl & { states: readonly string[]; helping: boolean }) {
  const options = ownAssignments(view, states, helping).map((one) => ({ value: one.id, label: one.unit_name }));
  return <Select<string> {...control} options={options} data-testid="pick-assignment" />;
}

export function CallPicker({ view, ...control }: CaseControl) {
  const { t } = useTranslation();
  const options = view.call_ids.map((value) => ({ value, label: value }));
  return <Select<string> {...control} allowClear options={options} placeholder={t("casePage.pick.call")} />;
}

/** Whoever can see the case. */
export function PersonPicker({ view, ...control }: CaseControl) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const people = useQuery({
    queryKey: ["case", view.id, "people", search, true],
    queryFn: () =>
      unwrap(
        api.GET("/api/cases/{case_id}/people", {
          params: { path: { case_id: view.id }, query: { search, for_units: true } },
        }),
      ),
  });
  return (
    <Select<string>
      {...control}
      showSearch={{ onSearch: setSearch, filterOption: false }}
      options={(people.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      placeholder={t("casePage.pick.person")}
      notFoundContent={t("casePage.pick.none")}
    />
  );
}


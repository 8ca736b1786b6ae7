import { DownloadOutlined, StepForwardOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { hasRole } from "../api/roles";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { words } from "../app/words";
import { oneOf } from "../ui/table/address";
import { DataTable } from "../ui/table/DataTable";
import { useHiddenColumns } from "../ui/table/ColumnSettings";
import { useTable } from "../ui/table/useTable";
import { isDay } from "../ui/zone";
import { BulkBar } from "./BulkBar";
import type { BulkKind } from "./bulk";
import { CaseCard } from "./CaseCard";
import { caseColumns, caseLink } from "./caseColumns";
import { CaseFilters } from "./CaseFilters";
import { SavedViews } from "./SavedViews";
import {
  ALL_LISTS, CHANNELS, CLAIMED, DUE, FLAGS, STAGES, STATES, tableOf, TYPES, URGENCIES, type WorkListCount, type WorkListRow,
} from "./workLists";
import { claimNext, exportUrl, loadList } from "./workListsApi";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ACCEPTS = {
  state: oneOf(STATES),
  type: oneOf(TYPES),
  due: oneOf(DUE),
  flag: oneOf(FLAGS),
  urgency: oneOf(URGENCIES),
  channel: oneOf(CHANNELS),
  life_cycle_stage: oneOf(STAGES),
  claimed: oneOf(CLAIMED),
  unit_id: (value: string) => UUID.test(value),
  from: isDay,
  to: isDay,
  dispatchedFrom: isDay,
  dispatchedTo: isDay,
};

/** One work list: filtered, sorted and paged by its address. */
export function CaseList({ user, list }: { user: SessionUser; list: WorkListCount }) {
  const { t } = useTranslation();
  const name = tableOf(list.name);
  const table = useTable<WorkListRow>({
    name,
    filters: ["search", ...Object.keys(ACCEPTS)],
    accepts: ACCEPTS,
    sorts: ["due", "created", "updated"],
    load: (query) => loadList(list.name, query),
  });
  const columns = caseColumns(t);
  const [marked, setMarked] = useState<string[]>([]);
  const kinds = kindsFor(user);
  const rows = (table.query.data?.items ?? []).filter(({ id }) => marked.includes(id));
  const keys = columns.map(({ key }) => key);
  const hidden = useHiddenColumns(name, columns);
  const shown = keys.filter((key) => !hidden.includes(key));
  function download(format: "csv" | "xlsx") {
    const { filters, sort } = table.address;
    const query = { ...filters, ...(sort && { sort }) };
    window.location.assign(exportUrl(list.name, query, shown, format));
  }
  return (
    <>
      <BulkBar rows={rows} kinds={kinds} onDone={() => setMarked([])} />
      <DataTable<WorkListRow>
        table={table}
        columns={columns}
        rowKey={(row) => row.id}
        rowLink={caseLink}
        label={t(`worklists.list.${list.name}`)}
        selection={kinds.length > 0 ? { keys: marked, onChange: setMarked, nameOf: (row) => row.number } : undefined}
        card={(row) => <CaseCard row={row} />}
        filters={<CaseFilters user={user} filters={table.address.filters} onChange={table.filter} />}
        actions={
          <>
            {list.pool && may(user, "case.write") && <ClaimNextButton list={list} />}
            <SavedViews user={user} list={list.name} address={table.address} columns={shown} known={keys} />
            <Dropdown
              trigger={["click"]}
              menu={{
                items: [
                  { key: "csv", label: "CSV" },
                  { key: "xlsx", label: "Excel" },
                ],
                onClick: ({ key }) => download(key as "csv" | "xlsx"),
              }}
            >
              <Button icon={<DownloadOutlined />} data-testid="export">
                {t("worklists.export")}
              </Button>
            </Dropdown>
          </>
        }
        empty={{ title: t("worklists.empty"), hint: t(`worklists.emptyHint.${list.pool ? "pool" : "other"}`) }}
      />
    </>
  );
}

/** What this user's roles may do with many cases; the service decides for each of them. */
function kindsFor(user: SessionUser): BulkKind[] {
  return [
    ...(hasRole(user, "dispatcher", "supervisor") ? (["dispatch"] as const) : []),
    ...(hasRole(user, "agent", "dispatcher", "callback", "supervisor") ? (["urge"] as const) : []),
    ...(hasRole(user, "dispatcher", "callback", "supervisor") ? (["claim"] as const) : []),
  ];
}

function ClaimNextButton({ list }: { list: WorkListCount }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  async function claim() {
    setBusy(true);
    try {
      const number = await claimNext(list.name);
      void queries.invalidateQueries(ALL_LISTS);
      if (number === null) void message.info(t("worklists.nothingLeft"));
      else void navigate(`/cases/${number}`);
    } catch (error) {
      void message.error(words(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Button type="primary" icon={<StepForwardOutlined />} loading={busy} onClick={() => void claim()} data-testid="claim-next">
      {t("worklists.claimNext")}
    </Button>
  );
}

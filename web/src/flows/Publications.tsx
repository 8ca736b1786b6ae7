import { useTranslation } from "react-i18next";
import { Moment } from "../ui/Moment";
import { StatusTag } from "../ui/StatusTag";
import { type Column, DataTable } from "../ui/table/DataTable";
import { useTable } from "../ui/table/useTable";
import { type FlowPublication, loadPublications } from "./flows";

/** What was in force since when, who put it in force, and why. */
export function Publications({ id }: { id: string }) {
  const { t } = useTranslation();
  const table = useTable<FlowPublication>({
    name: "flowPublications",
    filters: [],
    load: (query) => loadPublications(id, query),
  });
  const columns: Column<FlowPublication>[] = [
    { key: "at", title: t("flows.since"), render: (_, row) => <Moment iso={row.starts_at} /> },
    { key: "alias", title: t("flows.for"), render: (_, row) => t(`flows.alias.${row.alias}`) },
    {
      key: "number",
      title: t("flows.versionTitle"),
      render: (_, row) => (
        <>
          {row.number} {row.cancelled_at && <StatusTag>{t("flows.cancelled")}</StatusTag>}
        </>
      ),
    },
    { key: "by", title: t("flows.by"), render: (_, row) => row.by || t("flows.system") },
    { key: "reason", title: t("flows.note"), render: (_, row) => row.reason || "—" },
  ];
  return (
    <DataTable<FlowPublication>
      table={table}
      columns={columns}
      rowKey={(row) => row.id}
      label={t("flows.tab.history")}
      empty={{ title: t("flows.never"), hint: t("flows.neverText") }}
    />
  );
}

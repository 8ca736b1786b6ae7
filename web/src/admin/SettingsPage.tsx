import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { components } from "../api/generated";
import { PageHead } from "../ui/PageHead";
import { StatusTag } from "../ui/StatusTag";
import { type Column, DataTable } from "../ui/table/DataTable";
import { TextFilter } from "../ui/table/filters";
import { localPage } from "../ui/table/localPage";
import { useTable } from "../ui/table/useTable";

type Setting = components["schemas"]["SettingView"];

const RULES = {
  words: (one: Setting) => [one.name, one.value, one.where],
  sorts: { name: (one: Setting) => one.name, origin: (one: Setting) => one.origin },
};

/** What is in force, and where each comes from; to change one, its file or variable. */
export default function SettingsPage() {
  const { t } = useTranslation();
  const table = useTable<Setting>({
    name: "settings",
    filters: ["search"],
    sorts: ["name", "origin"],
    load: async (query) => localPage(await unwrap(api.GET("/api/system/settings")), query, RULES),
  });
  const columns: Column<Setting>[] = [
    { key: "name", title: t("settings.name"), sortable: true, render: (_, one) => <code>{one.name}</code> },
    {
      key: "value",
      title: t("settings.value"),
      render: (_, one) =>
        one.secret ? (
          <StatusTag tone={one.is_set ? "green" : "amber"}>{t(one.is_set ? "settings.secretSet" : "settings.secretUnset")}</StatusTag>
        ) : (
          <span className="setting-value">{one.value || "—"}</span>
        ),
    },
    {
      key: "origin",
      title: t("settings.origin"),
      sortable: true,
      render: (_, one) => (
        <>
          <StatusTag tone={one.origin === "default" ? "plain" : "brand"}>{t(`settings.origins.${one.origin}`)}</StatusTag>{" "}
          <span className="quiet">{one.where}</span>
        </>
      ),
    },
  ];
  return (
    <div className="page">
      <PageHead title={t("section.settings")} lead={t("settings.lead")} />
      <DataTable<Setting>
        table={table}
        columns={columns}
        rowKey={(one) => one.name}
        label={t("section.settings")}
        filters={<TextFilter value={table.address.filters.search} label={t("settings.search")} onChange={(search) => table.filter({ search })} />}
        empty={{ title: t("table.noMatch"), hint: t("table.noMatchHint") }}
      />
    </div>
  );
}

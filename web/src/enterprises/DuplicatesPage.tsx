import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import type { DuplicatePair } from "../api/types";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { PageHead } from "../ui/PageHead";
import { SideDrawer } from "../ui/SideDrawer";
import { StatusTag } from "../ui/StatusTag";
import { DataTable } from "../ui/table/DataTable";
import { useTable } from "../ui/table/useTable";
import { MergeForm } from "./MergeForm";

/** Enterprises that may be one, with the reasons; merged here, or said to be two. */
export function DuplicatesPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [pair, setPair] = useState<DuplicatePair | null>(null);
  const [error, setError] = useState<unknown>();
  const table = useTable<DuplicatePair>({
    name: "enterprise-duplicates",
    filters: [],
    load: (query) => unwrap(api.GET("/api/enterprise-duplicates", { params: { query } })),
  });
  const again = () => client.invalidateQueries({ queryKey: ["enterprise-duplicates"] });
  async function keepApart(id: string) {
    setError(undefined);
    try {
      await unwrap(api.POST("/api/enterprise-duplicates/{duplicate_id}/keep-apart", { params: { path: { duplicate_id: id } } }));
      await again();
    } catch (failure) {
      setError(failure);
    }
  }
  return (
    <div className="page" data-testid="enterprise-duplicates">
      <Link to="/enterprises">← {t("enterprises.back")}</Link>
      <PageHead title={t("enterprises.duplicates")} lead={t("enterprises.duplicatesLead")} />
      {error !== undefined && <Failed error={error} onRetry={() => setError(undefined)} />}
      <DataTable<DuplicatePair>
        table={table}
        rowKey={(row) => row.id}
        label={t("enterprises.duplicates")}
        columns={[
          { key: "first", title: t("enterprises.older"), render: (_, row) => <One of={row.first} /> },
          { key: "second", title: t("enterprises.newer"), render: (_, row) => <One of={row.second} /> },
          {
            key: "reasons",
            title: t("enterprises.reasons"),
            render: (_, row) => row.reasons.map((reason) => <StatusTag key={reason} tone="amber">{t(`enterprises.reason.${reason}`)}</StatusTag>),
          },
          { key: "found", title: t("enterprises.foundAt"), render: (_, row) => <Moment iso={row.found_at} /> },
          {
            key: "actions",
            title: "",
            render: (_, row) => (
              <span className="pair-actions">
                <Button size="small" type="primary" onClick={() => setPair(row)} data-testid="pair-merge">
                  {t("enterprises.merge")}
                </Button>
                <Button size="small" onClick={() => void keepApart(row.id)}>
                  {t("enterprises.areTwo")}
                </Button>
              </span>
            ),
          },
        ]}
        empty={{ title: t("enterprises.noDuplicates"), hint: t("enterprises.noDuplicatesHint") }}
      />
      <SideDrawer open={pair !== null} title={t("enterprises.merge")} onClose={() => setPair(null)} testId="merge-drawer">
        {pair && (
          <MergeForm
            pair={pair}
            onDone={() => {
              setPair(null);
              void again();
              void client.invalidateQueries({ queryKey: ["enterprises"] });
            }}
          />
        )}
      </SideDrawer>
    </div>
  );
}

function One({ of }: { of: DuplicatePair["first"] }) {
  return (
    <>
      <Link to={`/enterprises/${of.id}`}>{of.name}</Link>
      {of.credit_code && <div className="code quiet">{of.credit_code}</div>}
    </>
  );
}

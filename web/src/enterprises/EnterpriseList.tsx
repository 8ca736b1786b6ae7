import { Button, Form } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { api, unwrap } from "../api/client";
import { may } from "../api/session";
import type { EnterpriseRow, SessionUser } from "../api/types";
import { useGuardedClose } from "../ui/form/useGuardedClose";
import { Moment } from "../ui/Moment";
import { SideDrawer } from "../ui/SideDrawer";
import { oneOf } from "../ui/table/address";
import { type Column, DataTable } from "../ui/table/DataTable";
import { ChoiceFilter, TextFilter } from "../ui/table/filters";
import { useTable } from "../ui/table/useTable";
import { CreditCode } from "./CreditCode";
import { type EnterpriseEntry, EnterpriseForm } from "./EnterpriseForm";
import { CODE_STATES, KINDS, SIZES } from "./fields";
import { ManageBook } from "./ManageBook";

/** The book of enterprises. */
export function EnterpriseList({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const [form] = Form.useForm<EnterpriseEntry>();
  const close = useGuardedClose(form, () => setAdding(false));
  const canWrite = may(user, "enterprise.write");
  const table = useTable<EnterpriseRow>({
    name: "enterprises",
    filters: ["search", "kind", "size", "code"],
    accepts: { kind: oneOf(KINDS), size: oneOf(SIZES), code: oneOf(CODE_STATES) },
    sorts: ["name", "created_at", "updated_at"],
    load: (query) => unwrap(api.GET("/api/enterprises", { params: { query } })),
  });
  const { filters } = table.address;
  useEffect(() => {
    document.title = `${t("enterprises.title")} · ${t("app.name")}`;
  }, [t]);

  const columns: Column<EnterpriseRow>[] = [
    {
      key: "name",
      title: t("enterprises.name"),
      sortable: true,
      render: (_, row) => <Link to={`/enterprises/${row.id}`}>{row.name}</Link>,
    },
    { key: "code", title: t("enterprises.code"), render: (_, row) => <CreditCode of={row} /> },
    { key: "kind", title: t("enterprises.kind"), render: (_, row) => t(`pop.kind.${row.kind}`) },
    { key: "industry", title: t("enterprises.industry"), render: (_, row) => row.industry || "—" },
    { key: "size", title: t("enterprises.size"), render: (_, row) => (row.size ? t(`pop.size.${row.size}`) : "—") },
    {
      key: "updated_at",
      title: t("enterprises.updated"),
      sortable: true,
      render: (_, row) => <Moment iso={row.updated_at} />,
    },
    {
      key: "created_at",
      title: t("enterprises.created"),
      sortable: true,
      render: (_, row) => <Moment iso={row.created_at} />,
    },
  ];
  const choices = (values: readonly string[], text: string) =>
    values.map((value) => ({ value, label: t(`${text}.${value}`) }));
  const register = canWrite && (
    <Button type="primary" onClick={() => setAdding(true)} data-testid="enterprise-register">
      {t("enterprises.register")}
    </Button>
  );
  return (
    <div className="page" data-testid="enterprises">
      <div className="page-head">
        <h1>{t("enterprises.title")}</h1>
      </div>
      <DataTable<EnterpriseRow>
        table={table}
        columns={columns}
        rowKey={(row) => row.id}
        rowLink={(row) => `/enterprises/${row.id}`}
        label={t("enterprises.title")}
        filters={
          <>
            <TextFilter
              value={filters.search}
              label={t("enterprises.search")}
              onChange={(search) => table.filter({ search })}
              testId="enterprises-search"
            />
            <ChoiceFilter
              value={filters.kind}
              label={t("enterprises.kind")}
              options={choices(KINDS, "pop.kind")}
              onChange={(kind) => table.filter({ kind })}
            />
            <ChoiceFilter
              value={filters.size}
              label={t("enterprises.size")}
              options={choices(SIZES, "pop.size")}
              onChange={(size) => table.filter({ size })}
            />
            <ChoiceFilter
              value={filters.code}
              label={t("enterprises.code")}
              options={choices(CODE_STATES, "enterprises.anyCode")}
              onChange={(code) => table.filter({ code })}
            />
          </>
        }
        actions={
          <>
            {may(user, "enterprise.manage") && <ManageBook />}
            {register}
          </>
        }
        empty={{
          title: t("enterprises.empty"),
          hint: t(canWrite ? "enterprises.emptyHint" : "enterprises.emptyReadOnly"),
        }}
      />
      <SideDrawer
        open={adding}
        title={t("enterprises.register")}
        onClose={close}
        testId="enterprise-drawer"
      >
        <EnterpriseForm
          form={form}
          onDone={(made) => {
            setAdding(false);
            if (made) void navigate(`/enterprises/${made.id}`);
          }}
        />
      </SideDrawer>
    </div>
  );
}

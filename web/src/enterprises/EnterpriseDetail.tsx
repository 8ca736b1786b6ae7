import { useQuery } from "@tanstack/react-query";
import { Button, Form, Tabs } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { Waiting } from "../app/Waiting";
import { CallsOf } from "../calls/CallsOf";
import { Failed } from "../ui/Failed";
import { useGuardedClose } from "../ui/form/useGuardedClose";
import { Moment } from "../ui/Moment";
import { SideDrawer } from "../ui/SideDrawer";
import { CasesOf } from "./CasesOf";
import { Contacts } from "./Contacts";
import { CreditCode } from "./CreditCode";
import { type EnterpriseEntry, EnterpriseForm, read } from "./EnterpriseForm";
import { MergesOf } from "./MergesOf";
import { NotesOf } from "./NotesOf";

const TABS = ["contacts", "calls", "cases"] as const;

/** One enterprise: what it is, its contacts, its calls, its cases. */
export function EnterpriseDetail({ id, user }: { id: string; user: SessionUser }) {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const [editing, setEditing] = useState(false);
  const [form] = Form.useForm<EnterpriseEntry>();
  const close = useGuardedClose(form, () => setEditing(false));
  const query = useQuery({ queryKey: ["enterprise", id], queryFn: () => read(id) });
  const enterprise = query.data;
  const name = enterprise?.name;
  useEffect(() => {
    document.title = `${name ?? t("enterprises.title")} · ${t("app.name")}`;
  }, [t, name]);

  if (query.isPending) return <Waiting />;
  if (enterprise === undefined) {
    return <Failed error={query.error} title={t("enterprises.failed")} onRetry={() => void query.refetch()} />;
  }
  const canWrite = may(user, "enterprise.write");
  const readsAll = may(user, "call.read_all");
  const readsCalls = readsAll || may(user, "call.read");
  const tab = TABS.find((one) => one === params.get("tab")) ?? "contacts";
  const facts: [string, React.ReactNode][] = [
    [t("enterprises.code"), <CreditCode key="code" of={enterprise} />],
    [t("enterprises.kind"), t(`pop.kind.${enterprise.kind}`)],
    [t("enterprises.size"), enterprise.size ? t(`pop.size.${enterprise.size}`) : "—"],
    [t("enterprises.industry"), enterprise.industry || "—"],
    [t("enterprises.skipsMenu"), enterprise.skips_menu ? "✓" : "✗"],
    [t("enterprises.created"), <Moment key="created" iso={enterprise.created_at} />],
    [t("enterprises.updated"), <Moment key="updated" iso={enterprise.updated_at} />],
  ];
  const calls = (
    <CallsOf
      name={`enterprise-calls-${enterprise.id}`}
      of={{ enterprise_id: [enterprise.id, ...enterprise.merged_ids].slice(0, 20) }}
      ownOnly={!readsAll}
      emptyHint={t("enterprises.callsEmptyHint")}
    />
  );
  const items = [
    {
      key: "contacts",
      label: `${t("enterprises.tab.contacts")} ${enterprise.contacts.length}`,
      children: <Contacts enterprise={enterprise} canWrite={canWrite} canUnmask={may(user, "number.unmask")} />,
    },
    ...(readsCalls
      ? [{ key: "calls", label: t("enterprises.tab.calls"), children: calls }]
      : []),
    ...(may(user, "case.read")
      ? [{ key: "cases", label: t("enterprises.tab.cases"), children: <CasesOf id={enterprise.id} /> }]
      : []),
    { key: "notes", label: t("enterprises.tab.notes"), children: <NotesOf id={enterprise.id} canWrite={canWrite} /> },
  ];
  return (
    <div className="page" data-testid="enterprise">
      <Link to="/enterprises">← {t("enterprises.back")}</Link>
      <div className="page-head">
        <h1>{enterprise.name}</h1>
        {canWrite && (
          <Button onClick={() => setEditing(true)} data-testid="enterprise-edit">
            {t("enterprises.edit")}
          </Button>
        )}
      </div>
      <MergesOf id={enterprise.id} canManage={may(user, "enterprise.manage")} />
      <dl className="card enterprise-facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Tabs
        activeKey={tab}
        items={items}
        destroyOnHidden
        onChange={(key) => setParams(key === "contacts" ? {} : { tab: key }, { replace: true })}
      />
      <SideDrawer open={editing} title={t("enterprises.edit")} onClose={close} testId="enterprise-drawer">
        <EnterpriseForm form={form} enterprise={enterprise} onDone={() => setEditing(false)} />
      </SideDrawer>
    </div>
  );
}

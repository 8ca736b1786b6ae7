import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEdit } from "../admin/useEdit";
import { api, unwrap } from "../api/client";
import type { SpecialistView } from "../api/types";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { EmptyState } from "../ui/EmptyState";
import { Failed } from "../ui/Failed";
import { SideDrawer } from "../ui/SideDrawer";
import { StatusTag } from "../ui/StatusTag";
import { SpecialistForm } from "./SpecialistForm";
import { UnitForm } from "./UnitForm";
import { loadUnits, type SpecialistDetail, type UnitDetail, UNITS } from "./units";

interface Props {
  id: string | null;
  canWrite: boolean;
  onClose: () => void;
}

export function UnitDrawer({ id, canWrite, onClose }: Props) {
  const { t } = useTranslation();
  const list = useQuery({ queryKey: [...UNITS, "all"], queryFn: () => loadUnits(), enabled: id !== null && !canWrite });
  const detail = useQuery({
    queryKey: [...UNITS, "one", id],
    queryFn: () => unwrap(api.GET("/api/units/{unit_id}", { params: { path: { unit_id: id ?? "" } } })),
    enabled: id !== null && canWrite,
  });
  const query = canWrite ? detail : list;
  const read = list.data?.find((unit) => unit.id === id);
  const title = detail.data?.name ?? read?.name ?? t("section.units");
  return (
    <SideDrawer open={id !== null} title={title} onClose={onClose} testId="unit-drawer">
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {canWrite && detail.data && <Editable key={detail.data.id} unit={detail.data} onClose={onClose} />}
      {!canWrite && list.isSuccess && !read && <EmptyState title={t("admin.notFound")} hint={t("admin.notFoundHint")} />}
      {!canWrite && read?.specialists.map((one) => <Specialist key={one.id} one={one} />)}
    </SideDrawer>
  );
}

function Editable({ unit, onClose }: { unit: UnitDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const edit = useEdit(UNITS);
  const [form, setForm] = useState<{ of: SpecialistDetail | null } | null>(null);
  const [asking, setAsking] = useState(false);
  const [renaming, setRenaming] = useState(false);
  const params = { params: { path: { unit_id: unit.id } } };
  if (form) return <SpecialistForm unit={unit} specialist={form.of} onClose={() => setForm(null)} />;
  if (renaming) return <UnitForm unit={unit} onDone={() => setRenaming(false)} onClose={() => setRenaming(false)} />;
  return (
    <>
      {unit.warnings.includes("unit.too_few_specialists") && <Alert type="warning" showIcon title={t("units.tooFew")} className="form-note" />}
      {unit.specialists.length === 0 && <EmptyState title={t("units.noSpecialist")} hint={t("units.noSpecialistHint")} />}
      {unit.specialists.map((one) => (
        <Specialist key={one.id} one={one} onEdit={() => setForm({ of: one })} />
      ))}
      <div className="form-buttons">
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setForm({ of: null })} data-testid="specialist-new">
          {t("units.addSpecialist")}
        </Button>
        <Button icon={<EditOutlined />} onClick={() => setRenaming(true)} data-testid="unit-edit">
          {t("units.change")}
        </Button>
        <Button danger={unit.active} onClick={() => setAsking(true)}>
          {t(unit.active ? "units.close" : "units.reopen")}
        </Button>
      </div>
      <ConfirmWithReason
        open={asking}
        title={t(unit.active ? "units.close" : "units.reopen")}
        text={t(unit.active ? "units.closeText" : "units.reopenText")}
        okText={t(unit.active ? "units.close" : "units.reopen")}
        danger={unit.active}
        onConfirm={async () => {
          const body = { version: unit.version, active: !unit.active };
          await edit(unwrap(api.PATCH("/api/units/{unit_id}", { ...params, body })));
          if (unit.active) onClose();
        }}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

function Specialist({ one, onEdit }: { one: SpecialistView | SpecialistDetail; onEdit?: () => void }) {
  const { t } = useTranslation();
  const gone = "active" in one && !one.active;
  return (
    <article className="person-entry">
      <div className="person-head">
        <strong>{one.name}</strong>
        <span className="quiet">{one.title}</span>
        <StatusTag tone={gone ? "plain" : one.on_duty ? "green" : "amber"}>
          {t(gone ? "units.left" : one.on_duty ? "units.isOnDuty" : "units.offDuty")}
        </StatusTag>
        {onEdit && (
          <Button size="small" type="text" icon={<EditOutlined />} onClick={onEdit} aria-label={t("units.edit", { name: one.name })}>
            {t("admin.edit")}
          </Button>
        )}
      </div>
      {one.answerable_scope && <p>{one.answerable_scope}</p>}
      <p className="quiet">{one.phones.map((phone) => ("number" in phone ? `${phone.label} ${String(phone.number)}` : phone.label)).join(" · ")}</p>
    </article>
  );
}

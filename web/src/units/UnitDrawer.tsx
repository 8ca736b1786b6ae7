import { CalendarOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useEdit } from "../admin/useEdit";
import { api, unwrap } from "../api/client";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { EmptyState } from "../ui/EmptyState";
import { Failed } from "../ui/Failed";
import { SideDrawer } from "../ui/SideDrawer";
import { Specialist } from "./Specialist";
import { SpecialistForm } from "./SpecialistForm";
import { UnitForm } from "./UnitForm";
import { UnitPeople } from "./UnitPeople";
import { loadUnits, rosterPage, type SpecialistDetail, type UnitDetail, UNITS } from "./units";

interface Props {
  id: string | null;
  user: SessionUser;
  onClose: () => void;
}

export function UnitDrawer({ id, user, onClose }: Props) {
  const { t } = useTranslation();
  const keepsAll = may(user, "unit.write");
  const list = useQuery({ queryKey: [...UNITS, "all"], queryFn: () => loadUnits(), enabled: id !== null && !keepsAll });
  const read = list.data?.find((unit) => unit.id === id);
  const canWrite = keepsAll || (read?.may_edit ?? false);
  const detail = useQuery({
    queryKey: [...UNITS, "one", id],
    queryFn: () => unwrap(api.GET("/api/units/{unit_id}", { params: { path: { unit_id: id ?? "" } } })),
    enabled: id !== null && canWrite,
  });
  const query = canWrite ? detail : list;
  const title = detail.data?.name ?? read?.name ?? t("section.units");
  return (
    <SideDrawer open={id !== null} title={title} onClose={onClose} testId="unit-drawer">
      {id !== null && (
        <div className="form-note">
          <Link to={rosterPage(id)} data-testid="unit-roster-link">
            <CalendarOutlined aria-hidden /> {t("roster.ofUnit")}
          </Link>
        </div>
      )}
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {canWrite && detail.data && <Editable key={detail.data.id} unit={detail.data} keepsAll={keepsAll} onClose={onClose} />}
      {!canWrite && list.isSuccess && !read && <EmptyState title={t("admin.notFound")} hint={t("admin.notFoundHint")} />}
      {!canWrite && read?.specialists.map((one) => <Specialist key={one.id} one={one} />)}
      {id !== null && (canWrite || may(user, "user.read")) && <UnitPeople id={id} organisationId={detail.data?.organisation_id ?? read?.organisation_id} user={user} />}
    </SideDrawer>
  );
}

interface EditableProps {
  unit: UnitDetail;
  /** Not only its specialists: the unit itself too. */
  keepsAll: boolean;
  onClose: () => void;
}

function Editable({ unit, keepsAll, onClose }: EditableProps) {
  const { t } = useTranslation();
  const edit = useEdit(UNITS);
  const [form, setForm] = useState<{ of: SpecialistDetail | null } | null>(null);
  const [asking, setAsking] = useState(false);
  const [renaming, setRenaming] = useState(false);
  const params = { params: { path: { unit_id: unit.id } } };
  const names = Object.fromEntries(unit.specialists.map((one) => [one.id, one.name]));
  if (form) return <SpecialistForm unit={unit} specialist={form.of} onClose={() => setForm(null)} />;
  if (renaming) return <UnitForm unit={unit} onDone={() => setRenaming(false)} onClose={() => setRenaming(false)} />;
  return (
    <>
      {unit.warnings.includes("unit.too_few_specialists") && <Alert type="warning" showIcon title={t("units.tooFew")} className="form-note" />}
      {unit.specialists.length === 0 && <EmptyState title={t("units.noSpecialist")} hint={t("units.noSpecialistHint")} />}
      {unit.specialists.map((one) => (
        <Specialist key={one.id} one={one} names={names} onEdit={() => setForm({ of: one })} />
      ))}
      <div className="form-buttons">
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setForm({ of: null })} data-testid="specialist-new">
          {t("units.addSpecialist")}
        </Button>
        {keepsAll && (
          <>
            <Button icon={<EditOutlined />} onClick={() => setRenaming(true)} data-testid="unit-edit">
              {t("units.change")}
            </Button>
            <Button danger={unit.active} onClick={() => setAsking(true)}>
              {t(unit.active ? "units.close" : "units.reopen")}
            </Button>
          </>
        )}
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

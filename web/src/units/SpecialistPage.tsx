import { CalendarOutlined, EditOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Tabs } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { Waiting } from "../app/Waiting";
import { CallsOf } from "../calls/CallsOf";
import { EmptyState } from "../ui/EmptyState";
import { Failed } from "../ui/Failed";
import { PageHead } from "../ui/PageHead";
import { RosterForm } from "./RosterForm";
import { readSpecialist } from "./rosterApi";
import { RosterWeek } from "./RosterWeek";
import { SpecialistDrawer } from "./SpecialistDrawer";
import { SpecialistFacts } from "./SpecialistFacts";
import "./specialist.css";
import { type RosteredSpecialist, specialistPage, type UnitRoster, UNITS } from "./units";
import { useWeek, WeekChoice } from "./WeekChoice";
import { WeekTimeline } from "./WeekTimeline";

/** One specialist: whose, for what, by which phones, and on duty when. */
export function SpecialistPage({ id, user }: { id: string; user: SessionUser }) {
  const day = useWeek();
  const query = useQuery({
    queryKey: [...UNITS, "specialist", id, day],
    queryFn: () => readSpecialist(id, day),
    placeholderData: (before) => before,
  });
  const one = query.data?.specialists.find((each) => each.id === id);
  if (query.isPending) return <Waiting />;
  if (query.data === undefined || one === undefined) {
    return (
      <div className="page">
        <Unknown />
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      </div>
    );
  }
  return <Page unit={query.data} one={one} user={user} />;
}

function Unknown() {
  const { t } = useTranslation();
  return (
    <>
      <Link to="/units">← {t("section.units")}</Link>
      <PageHead title={t("units.specialist")} />
    </>
  );
}

function Page({ unit, one, user }: { unit: UnitRoster; one: RosteredSpecialist; user: SessionUser }) {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const [changing, setChanging] = useState(false);
  const [editing, setEditing] = useState(unit.may_edit && one.active && params.has("edit"));
  const readsCalls = may(user, "call.read") || may(user, "call.read_all");
  const items = [
    { key: "roster", label: t("roster.title"), children: <Roster unit={unit} one={one} /> },
    ...(readsCalls
      ? [{ key: "calls", label: t("units.calls"), children: <Calls one={one} ownOnly={!may(user, "call.read_all")} /> }]
      : []),
  ];
  const tab = items.find(({ key }) => key === params.get("tab"))?.key ?? "roster";
  return (
    <div className="page" data-testid="specialist-page">
      <nav className="crumbs" aria-label={t("units.crumbs")}>
        <Link to="/units">{t("section.units")}</Link>
        <Link to={`/units/${unit.id}`}>{unit.name}</Link>
      </nav>
      <PageHead title={one.name}>
        {unit.may_edit && (
          <Button icon={<EditOutlined />} onClick={() => setChanging(true)} data-testid="specialist-edit">
            {t("units.editFacts")}
          </Button>
        )}
        {unit.may_edit && one.active && !editing && (
          <Button type="primary" icon={<CalendarOutlined />} onClick={() => setEditing(true)} data-testid="roster-edit">
            {t("roster.edit")}
          </Button>
        )}
      </PageHead>
      <SpecialistFacts unit={unit} one={one} />
      {editing ? (
        <section className="card">
          <RosterForm unit={unit} specialist={one} onClose={() => setEditing(false)} />
        </section>
      ) : items.length === 1 ? (
        items[0]!.children
      ) : (
        <Tabs activeKey={tab} items={items} destroyOnHidden onChange={(key) => setParams(key === "roster" ? {} : { tab: key }, { replace: true })} />
      )}
      <Colleagues unit={unit} one={one} />
      <SpecialistDrawer unitId={unit.id} specialistId={changing ? one.id : null} onClose={() => setChanging(false)} />
    </div>
  );
}

function Calls({ one, ownOnly }: { one: RosteredSpecialist; ownOnly: boolean }) {
  const { t } = useTranslation();
  return <CallsOf name={`specialist-calls-${one.id}`} of={{ specialist_id: [one.id] }} ownOnly={ownOnly} emptyHint={t("units.callsEmptyHint")} />;
}

function Roster({ unit, one }: { unit: UnitRoster; one: RosteredSpecialist }) {
  const { t } = useTranslation();
  const names = Object.fromEntries(unit.specialists.map((each) => [each.id, each.name]));
  return (
    <section className="card">
      <WeekChoice roster={unit} />
      {one.roster === null && (
        <p className="quiet" data-testid="no-roster">
          {t(unit.may_edit ? "roster.noneMayEdit" : "roster.none")}
        </p>
      )}
      {one.hours.length === 0 && one.roster !== null && <EmptyState title={t("roster.freeWeek")} hint={t("roster.freeWeekHint")} />}
      <WeekTimeline roster={unit} shown={[one]} />
      {one.roster && (
        <div className="in-words">
          <h2>{t("roster.inWords")}</h2>
          <RosterWeek roster={one.roster} names={names} />
        </div>
      )}
    </section>
  );
}

function Colleagues({ unit, one }: { unit: UnitRoster; one: RosteredSpecialist }) {
  const { t } = useTranslation();
  const others = unit.specialists.filter((each) => each.active && each.id !== one.id);
  if (others.length === 0) return null;
  return (
    <p className="colleagues">
      <span className="quiet">{t("units.colleagues", { unit: unit.name })}</span>
      {others.map((each) => (
        <Link key={each.id} to={specialistPage(each.id)}>
          {each.name}
        </Link>
      ))}
    </p>
  );
}

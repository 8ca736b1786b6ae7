import { useQuery } from "@tanstack/react-query";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Waiting } from "../app/Waiting";
import { EmptyState } from "../ui/EmptyState";
import { Failed } from "../ui/Failed";
import { PageHead } from "../ui/PageHead";
import { DutyTag } from "./DutyTag";
import { readRoster } from "./rosterApi";
import "./specialist.css";
import { type RosteredSpecialist, specialistPage, type UnitRoster, UNITS } from "./units";
import { useWeek, WeekChoice } from "./WeekChoice";
import { WeekTimeline } from "./WeekTimeline";

/** All specialists of a unit in one week: who is on duty at each hour, and when nobody is. */
export function UnitRosterPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const day = useWeek();
  const query = useQuery({
    queryKey: [...UNITS, "roster", id, day],
    queryFn: () => readRoster(id, day),
    placeholderData: (before) => before,
  });
  if (query.isPending) return <Waiting />;
  const unit = query.data;
  return (
    <div className="page" data-testid="unit-roster">
      <nav className="crumbs" aria-label={t("units.crumbs")}>
        <Link to="/units">{t("section.units")}</Link>
        <Link to={`/units/${id}`}>{unit?.name ?? t("units.name")}</Link>
      </nav>
      <PageHead title={t("roster.ofUnitName", { unit: unit?.name ?? "" })} lead={t("roster.ofUnitDoes")} />
      {unit === undefined ? <Failed error={query.error} onRetry={() => void query.refetch()} /> : <Overview unit={unit} />}
    </div>
  );
}

function Overview({ unit }: { unit: UnitRoster }) {
  const { t } = useTranslation();
  const shown = unit.specialists.filter((one) => one.active);
  const { fewest, most } = unit;
  const odd = shown.length < fewest ? "tooFewNow" : shown.length > most ? "tooManyNow" : null;
  return (
    <>
      {odd && (
        <Alert
          type="warning"
          showIcon
          className="form-note"
          title={t(`units.${odd}`, { count: shown.length, fewest, most })}
          data-testid="specialists-count"
        />
      )}
      {shown.length === 0 ? (
        <section className="card">
          <EmptyState title={t("units.noSpecialist")} hint={t("units.noSpecialistHint")} />
        </section>
      ) : (
        <Duty unit={unit} shown={shown} />
      )}
    </>
  );
}

function Duty({ unit, shown }: { unit: UnitRoster; shown: RosteredSpecialist[] }) {
  const { t } = useTranslation();
  return (
    <>
      <ul className="card duty-now">
        {shown.map((one, lane) => (
          <li key={one.id} data-lane={lane % 5}>
            <Link to={specialistPage(one.id)}>{one.name}</Link> <span className="quiet">{one.title}</span>
            <DutyTag onDuty={one.on_duty} until={one.on_duty_until} begins={one.next_duty} />
            {one.roster === null && <span className="quiet">{t("roster.bySwitch")}</span>}
          </li>
        ))}
      </ul>
      <section className="card">
        <WeekChoice roster={unit} />
        <WeekTimeline roster={unit} shown={shown} withGaps />
      </section>
    </>
  );
}

import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { StatusTag } from "../ui/StatusTag";
import { DutyTag } from "./DutyTag";
import { type RosteredSpecialist, rosterPage, type UnitRoster } from "./units";

/** What one asks before ringing somebody: on duty, for what, on which phone first. */
export function SpecialistFacts({ unit, one }: { unit: UnitRoster; one: RosteredSpecialist }) {
  const { t } = useTranslation();
  return (
    <dl className="card facts" data-testid="specialist-facts">
      <dt>{t("roster.now")}</dt>
      <dd className="tags">
        {one.active ? <DutyTag onDuty={one.on_duty} until={one.on_duty_until} begins={one.next_duty} /> : <StatusTag>{t("units.left")}</StatusTag>}
        {one.is_you && <StatusTag tone="brand">{t("units.isYou")}</StatusTag>}
      </dd>
      <dt>{t("units.name")}</dt>
      <dd>
        <Link to={`/units/${unit.id}`}>{unit.name}</Link> · <Link to={rosterPage(unit.id)}>{t("roster.ofUnit")}</Link>
      </dd>
      <dt>{t("units.title")}</dt>
      <dd>{one.title || "—"}</dd>
      <dt>{t("units.scope")}</dt>
      <dd className="lines">{one.answerable_scope || "—"}</dd>
      <dt>{t("units.phones")}</dt>
      <dd>
        <ol className="phone-order" data-testid="specialist-phones">
          {one.phones.map((phone) => (
            <li key={phone.label}>
              {phone.label} <span className="quiet">{t(`units.kind.${phone.kind}`)}</span> {phone.number}
            </li>
          ))}
        </ol>
      </dd>
    </dl>
  );
}

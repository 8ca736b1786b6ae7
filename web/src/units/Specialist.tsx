import { CalendarOutlined, EditOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { SpecialistView } from "../api/types";
import { StatusTag } from "../ui/StatusTag";
import { DutyTag } from "./DutyTag";
import { RosterWeek } from "./RosterWeek";
import { type SpecialistDetail, specialistPage } from "./units";

interface Props {
  one: SpecialistView | SpecialistDetail;
  /** Of the unit's specialists, by id. */
  names?: Record<string, string>;
  onEdit?: () => void;
}

/** A specialist with scope, phones and roster, as far as whoever reads it may see them. */
export function Specialist({ one, names = {}, onEdit }: Props) {
  const { t } = useTranslation();
  const gone = "active" in one && !one.active;
  const roster = "roster" in one ? one.roster : null;
  return (
    <article className="person-entry">
      <div className="person-head">
        <strong>
          <Link to={specialistPage(one.id)}>{one.name}</Link>
        </strong>
        <span className="quiet">{one.title}</span>
        {gone ? (
          <StatusTag tone="plain">{t("units.left")}</StatusTag>
        ) : (
          <DutyTag onDuty={"on_duty_now" in one ? one.on_duty_now : one.on_duty} until={one.on_duty_until} begins={one.next_duty} />
        )}
        {onEdit && (
          <Button size="small" type="text" icon={<EditOutlined />} onClick={onEdit} aria-label={t("units.edit", { name: one.name })}>
            {t("admin.edit")}
          </Button>
        )}
        {onEdit && !gone && (
          <Link to={`${specialistPage(one.id)}?edit`} aria-label={t("roster.of", { name: one.name })} data-testid={`roster-${one.id}`}>
            <CalendarOutlined aria-hidden /> {t("roster.title")}
          </Link>
        )}
      </div>
      {one.answerable_scope && <p>{one.answerable_scope}</p>}
      <p className="quiet">{one.phones.map((phone) => ("number" in phone ? `${phone.label} ${String(phone.number)}` : phone.label)).join(" · ")}</p>
      {roster && <RosterWeek roster={roster} names={names} />}
    </article>
  );
}

import { CalendarOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import { hasRole } from "../api/roles";
import type { SessionUser } from "../api/types";
import { DutyTag } from "./DutyTag";
import "./specialist.css";
import { specialistPage, UNITS } from "./units";

/** The way from the home page to one's own page, for whoever is a specialist. */
export function OwnDuty({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const { data = [] } = useQuery({
    queryKey: [...UNITS, "own"],
    queryFn: () => unwrap(api.GET("/api/specialists")),
    enabled: hasRole(user, "specialist", "unit_handler", "unit_head"),
  });
  return data.map((one) => (
    <Link key={one.id} to={specialistPage(one.id)} className="card own-duty" data-testid="own-duty">
      <CalendarOutlined aria-hidden />
      <strong>{t("roster.own")}</strong>
      <span className="quiet">{one.unit_name}</span>
      <DutyTag onDuty={one.on_duty} until={one.on_duty_until} begins={one.next_duty} />
    </Link>
  ));
}

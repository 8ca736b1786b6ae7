import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { hasRole } from "../api/roles";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { LinkTabs } from "../ui/LinkTabs";
import { PageHead } from "../ui/PageHead";
import { CalendarRevisions } from "./CalendarRevisions";
import { LimitChanges } from "./LimitChanges";
import { LimitTable } from "./LimitTable";
import "./limits.css";

const TABS = ["limits", "changes", "revisions"] as const;

/** How long each step of a case may take, who changed that, and what changes of the calendar moved. */
export default function LimitsPage({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const canManage = may(user, "calendar.manage");
  // Names of the hotline's people are in the changes: not for a unit's user.
  const seesChanges = canManage || hasRole(user, "agent", "dispatcher", "callback", "qa", "supervisor");
  const allowed = { limits: true, changes: seesChanges, revisions: canManage };
  const tabs = TABS.filter((tab) => allowed[tab]);
  const open = tabs.find((tab) => tab === params.get("tab")) ?? "limits";
  return (
    <div className="page">
      <PageHead title={t("section.limits")} lead={t("section.limitsDoes")}>
        {canManage && <Link to="/admin/calendar">{t("limitTable.calendar")}</Link>}
      </PageHead>
      <LinkTabs
        label={t("section.limits")}
        open={open}
        tabs={tabs.map((tab) => ({
          name: tab,
          to: tab === "limits" ? "/admin/limits" : `/admin/limits?tab=${tab}`,
          title: t(`limitTable.tab.${tab}`),
        }))}
      />
      {open === "limits" && <LimitTable canManage={canManage} />}
      {open === "changes" && <LimitChanges />}
      {open === "revisions" && <CalendarRevisions />}
    </div>
  );
}

import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { SideDrawer } from "../../ui/SideDrawer";
import { type Hours, type HoursTable, weekRuns } from "./calendar";
import { HoursForm } from "./HoursForm";

export function HoursTables({ tables, canManage }: { tables: HoursTable[]; canManage: boolean }) {
  const { t } = useTranslation();
  const [edited, setEdited] = useState<HoursTable | "new" | null>(null);
  return (
    <>
      {canManage && (
        <p>
          <Button icon={<PlusOutlined />} onClick={() => setEdited("new")} data-testid="hours-new">
            {t("calendar.addTable")}
          </Button>
        </p>
      )}
      <div className="hours-list">
        {tables.map((table) => (
          <section key={table.name} className="hours-card">
            <h3>
              {table.title} <code>{table.name}</code>
            </h3>
            <Week week={table.hours.week} />
            {table.hours.seasons?.map((season) => (
              <div key={`${season.first} ${season.last}`}>
                <p className="quiet">
                  {season.first} … {season.last}
                </p>
                <Week week={season.week} />
              </div>
            ))}
            <p className="quiet">{t(table.hours.holidays ? "calendar.observes" : "calendar.ignores")}</p>
            {canManage && table.version > 0 && (
              <Button size="small" onClick={() => setEdited(table)}>
                {t("calendar.changeTable")}
              </Button>
            )}
          </section>
        ))}
      </div>
      <SideDrawer open={edited !== null} title={t(edited === "new" ? "calendar.addTable" : "calendar.changeTable")} onClose={() => setEdited(null)} testId="hours-form">
        {edited !== null && <HoursForm table={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
      </SideDrawer>
    </>
  );
}

function Week({ week }: { week: Hours["week"] }) {
  const { t } = useTranslation();
  return weekRuns(week).map(([first, last, windows]) => (
    <p key={first}>
      {t(`calendar.weekday.${first}`)}
      {first !== last && ` – ${t(`calendar.weekday.${last}`)}`}: {windows}
    </p>
  ));
}

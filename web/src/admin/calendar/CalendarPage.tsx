import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may } from "../../api/session";
import type { SessionUser } from "../../api/types";
import { Failed } from "../../ui/Failed";
import { ImportButton } from "../../ui/import/ImportButton";
import { PageHead } from "../../ui/PageHead";
import { StatusTag } from "../../ui/StatusTag";
import "./calendar.css";
import { HoursTables } from "./HoursTables";
import { TrialForm } from "./TrialForm";
import { CALENDAR, useCalendar } from "./useCalendar";
import { YearEditor } from "./YearEditor";

/** The official calendar by year, the tables of working hours, and a limit to try them with. */
export default function CalendarPage({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const query = useCalendar();
  const [chosen, setChosen] = useState(new Date().getFullYear());
  const canManage = may(user, "calendar.manage");
  const years = query.data?.years ?? [];
  const year = years.find((one) => one.year === chosen) ?? years.at(-1);
  return (
    <div className="page">
      <PageHead title={t("section.calendar")} lead={t("section.calendarDoes")}>
        {canManage && (
          <ImportButton kind="calendar" title={t("calendar.import")} hint={t("calendar.importHint")} refreshes={CALENDAR} testId="calendar-import" />
        )}
        {year && (
          <Select
            aria-label={t("calendar.year")}
            value={year.year}
            onChange={setChosen}
            options={years.map((one) => ({ value: one.year, label: one.published ? one.year : `${one.year} ${t("calendar.unpublishedShort")}` }))}
            data-testid="calendar-year"
            style={{ minWidth: 160 }}
          />
        )}
      </PageHead>
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && year && (
        <>
          <YearEditor key={`${year.year} ${year.notice?.version ?? 0}`} year={year} canManage={canManage} />
          <p className="tags" aria-hidden="true">
            <StatusTag tone="red">{t("calendar.off")}</StatusTag>
            <StatusTag tone="green">{t("calendar.work")}</StatusTag>
            <StatusTag>{t("calendar.weekend")}</StatusTag>
          </p>
          <h2>{t("calendar.tables")}</h2>
          <HoursTables tables={query.data.tables} canManage={canManage} />
          <h2>{t("calendar.trial")}</h2>
          <TrialForm tables={query.data.tables} />
        </>
      )}
    </div>
  );
}

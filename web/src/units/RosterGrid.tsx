import { CopyOutlined, DeleteOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useNarrow } from "../ui/useNarrow";
import { type Cell, clock, copyDay, DAYS, type Fill, range, SLOT, SLOTS, stretchesOf, weeklyFrom } from "./grid";
import { type WeekRow, weeklyOf, weekRows } from "./roster";
import "./grid.css";
import { usePainting } from "./usePainting";

const MONDAY = 0;
const OTHER_WORKDAYS = [1, 2, 3, 4];
const ALL_SLOTS = Array.from({ length: SLOTS }, (_, slot) => slot);

interface Props {
  /** Given by the form around it. */
  value?: Partial<WeekRow>[];
  onChange?: (rows: WeekRow[]) => void;
}

/** The week's hours as a field of a form: painted with the mouse, tapped, or set by keys. */
export function RosterGrid({ value = [], onChange }: Props) {
  const { t } = useTranslation();
  const daysDown = !useNarrow();
  const stretches = stretchesOf(weeklyOf(value));
  const change = (next: typeof stretches) => onChange?.(weekRows(weeklyFrom(next)));
  const { shown, active, handlers } = usePainting({ stretches, onPaint: change, daysDown });
  const cell = (at: Cell) => (
    <GridCell key={`${at.day}-${at.slot}`} at={at} fill={shown[at.day]![at.slot]!} active={active.day === at.day && active.slot === at.slot} />
  );
  const dayNames = DAYS.map((day) => t(`roster.weekday.${day}`));
  return (
    <>
      <p className="quiet">{t("roster.gridHint")}</p>
      <div
        className="roster-grid"
        role="grid"
        aria-label={t("roster.week")}
        aria-multiselectable
        data-days={daysDown ? "down" : "across"}
        data-testid="roster-grid"
        {...handlers}
      >
        <div role="row">
          <span role="columnheader" aria-label={t(daysDown ? "roster.days" : "roster.hour")} />
          {daysDown
            ? ALL_SLOTS.filter((slot) => slot % 2 === 0).map((slot) => <HourName key={slot} slot={slot} role="columnheader" />)
            : dayNames.map((name) => (
                <span key={name} role="columnheader">
                  {name}
                </span>
              ))}
        </div>
        {daysDown
          ? DAYS.map((day) => (
              <div key={day} role="row">
                <span role="rowheader">{dayNames[day]}</span>
                {ALL_SLOTS.map((slot) => cell({ day, slot }))}
              </div>
            ))
          : ALL_SLOTS.map((slot) => (
              <div key={slot} role="row">
                {slot % 2 === 0 ? <HourName slot={slot} role="rowheader" /> : <span role="rowheader" aria-label={clock(slot * SLOT)} />}
                {DAYS.map((day) => cell({ day, slot }))}
              </div>
            ))}
      </div>
      <div className="grid-tools">
        <Button size="small" icon={<CopyOutlined />} onClick={() => change(copyDay(stretches, MONDAY, OTHER_WORKDAYS))} data-testid="roster-copy">
          {t("roster.copyMonday")}
        </Button>
        <Button size="small" icon={<DeleteOutlined />} disabled={stretches.length === 0} onClick={() => change([])} data-testid="roster-clear">
          {t("roster.clear")}
        </Button>
      </div>
    </>
  );
}

function HourName({ slot, role }: { slot: number; role: "columnheader" | "rowheader" }) {
  const time = clock(slot * SLOT);
  return (
    <span role={role} className="hour" aria-label={time}>
      {Number(time.slice(0, 2))}
    </span>
  );
}

function GridCell({ at, fill, active }: { at: Cell; fill: Fill; active: boolean }) {
  const { t } = useTranslation();
  const { from } = range({ day: 0, slot: at.slot });
  const label = t("roster.cell", {
    day: t(`roster.weekday.${at.day}`),
    start: clock(from),
    end: clock(from + SLOT),
    state: t(`roster.fill.${fill}`),
  });
  return (
    <span
      role="gridcell"
      className="cell"
      tabIndex={active ? 0 : -1}
      aria-selected={fill === "on"}
      aria-label={label}
      title={label}
      data-cell={`${at.day}-${at.slot}`}
      data-fill={fill}
    />
  );
}

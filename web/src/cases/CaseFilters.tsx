import { FilterOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Badge, Button, Popover } from "antd";
import { useTranslation } from "react-i18next";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { loadUnits, UNITS } from "../units/units";
import { ChoiceFilter, DayFilter, TextFilter } from "../ui/table/filters";
import { asTree, treeOptions } from "../ui/table/tree";
import { CHANNELS, CLAIMED, DUE, FLAGS, STAGES, STATES, TYPES, URGENCIES } from "./workLists";

interface Props {
  user: SessionUser;
  filters: Record<string, string>;
  onChange: (filters: Record<string, string>) => void;
}

/** The most used stand in the bar, the others behind a button that says how many are set. */
export function CaseFilters({ user, filters, onChange }: Props) {
  const { t } = useTranslation();
  const withUnits = may(user, "unit.read");
  const units = useQuery({ queryKey: [...UNITS, true], queryFn: () => loadUnits(), enabled: withUnits });
  const choice = (name: string, values: readonly string[], text: (value: string) => string) => (
    <ChoiceFilter
      value={filters[name]}
      label={t(`worklists.filter.${name}`)}
      options={values.map((value) => ({ value, label: text(value) }))}
      onChange={(value) => onChange({ [name]: value })}
      testId={`filter-${name}`}
    />
  );
  const day = (name: string) => (
    <DayFilter value={filters[name]} label={t(`worklists.filter.${name}`)} onChange={(value) => onChange({ [name]: value })} />
  );
  const MORE = ["urgency", "channel", "life_cycle_stage", "claimed", "unit_id", "from", "to", "dispatchedFrom", "dispatchedTo"];
  const more = (
    <div className="filter-grid">
      {choice("urgency", URGENCIES, (value) => t(`case.urgency.${value}`))}
      {choice("channel", CHANNELS, (value) => t(`worklists.channels.${value}`))}
      {choice("life_cycle_stage", STAGES, (value) => t(`case.stage.${value}`))}
      {choice("claimed", CLAIMED, (value) => t(`worklists.claimed.${value}`))}
      {withUnits && (
        <ChoiceFilter
          value={filters.unit_id}
          label={t("worklists.filter.unit_id")}
          options={treeOptions(asTree(units.data ?? []))}
          onChange={(value) => onChange({ unit_id: value })}
          testId="filter-unit"
        />
      )}
      {day("from")}
      {day("to")}
      {day("dispatchedFrom")}
      {day("dispatchedTo")}
    </div>
  );
  return (
    <>
      <TextFilter value={filters.search} label={t("worklists.search")} onChange={(search) => onChange({ search })} testId="case-search" />
      {choice("state", STATES, (value) => t(`caseState.${value}`))}
      {choice("type", TYPES, (value) => t(`caseType.${value}`))}
      {choice("due", DUE, (value) => t(`worklists.dueBand.${value}`))}
      {choice("flag", FLAGS, (value) => t(`worklists.flag.${value}`))}
      <Popover trigger="click" placement="bottom" content={more} title={t("worklists.moreFilters")}>
        <Badge count={MORE.filter((name) => filters[name]).length} size="small" color="#134a8c">
          <Button icon={<FilterOutlined />} data-testid="more-filters">
            {t("worklists.moreFilters")}
          </Button>
        </Badge>
      </Popover>
    </>
  );
}

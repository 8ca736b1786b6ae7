import { DownloadOutlined, DownOutlined } from "@ant-design/icons";
import { Button, DatePicker, Dropdown } from "antd";
import dayjs from "dayjs";
import { useTranslation } from "react-i18next";
import { apiUrl } from "../api/client";
import { ChoiceFilter, TextFilter } from "../ui/table/filters";
import { type Filters as Values, NONE, OUTCOMES, queryOf, writeFilters } from "./filters";

const QUEUES = ["enterprise", "public"];

interface Props {
  filters: Values;
  canExport: boolean;
  onChange: (filters: Values) => void;
}

export function Filters({ filters, canExport, onChange }: Props) {
  const { t } = useTranslation();
  const any = writeFilters(filters).size > 0;
  const pick = (name: "queue" | "outcome" | "survey", values: string[], label: (value: string) => string) => (
    <ChoiceFilter
      className={`filter-${name}`}
      label={t(`calls.${name}`)}
      value={filters[name]}
      options={values.map((value) => ({ value, label: label(value) }))}
      onChange={(value) => onChange({ ...filters, [name]: value })}
      testId={`filter-${name}`}
    />
  );
  return (
    <div className="filters" role="search">
      <TextFilter
        className="filter-search"
        value={filters.search}
        label={t("calls.search")}
        testId="filter-search"
        onChange={(search) => onChange({ ...filters, search })}
      />
      <DatePicker.RangePicker
        className="filter-dates"
        value={[filters.from ? dayjs(filters.from) : null, filters.to ? dayjs(filters.to) : null]}
        allowEmpty={[true, true]}
        placeholder={[t("calls.from"), t("calls.to")]}
        aria-label={t("calls.from")}
        onChange={(range) =>
          onChange({ ...filters, from: range?.[0]?.format("YYYY-MM-DD") ?? "", to: range?.[1]?.format("YYYY-MM-DD") ?? "" })
        }
      />
      {pick("queue", QUEUES, (v) => t(`queue.${v}`))}
      {pick("outcome", OUTCOMES, (v) => t(`outcome.${v}`))}
      {pick("survey", ["1", "2", "3", "4", "5"], (v) => t(`survey.${v}`))}
      <TextFilter
        className="filter-agent"
        value={filters.agent}
        label={t("calls.agent")}
        testId="filter-agent"
        onChange={(agent) => onChange({ ...filters, agent })}
      />
      {any && (
        <Button type="link" onClick={() => onChange(NONE)} data-testid="filter-clear">
          {t("calls.clear")}
        </Button>
      )}
      {canExport && <Export filters={filters} />}
    </div>
  );
}

function Export({ filters }: { filters: Values }) {
  const { t } = useTranslation();
  const link = (format: "csv" | "xlsx", label: string) => ({
    key: format,
    label: (
      <a href={apiUrl("/api/calls/export", { ...queryOf(filters), format })} download data-testid={`export-${format}`}>
        {label}
      </a>
    ),
  });
  return (
    <Dropdown
      trigger={["click"]}
      menu={{ items: [link("csv", t("calls.exportCsv")), link("xlsx", t("calls.exportXlsx"))] }}
    >
      <Button icon={<DownloadOutlined />} title={t("calls.exportNote")} className="export" data-testid="export">
        {t("calls.export")} <DownOutlined aria-hidden />
      </Button>
    </Dropdown>
  );
}

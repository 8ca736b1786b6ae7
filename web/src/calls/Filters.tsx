import { DownloadOutlined, DownOutlined } from "@ant-design/icons";
import { Button, DatePicker, Dropdown, Input, Select } from "antd";
import dayjs from "dayjs";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { apiUrl } from "../api/client";
import { type Filters as Values, NONE, OUTCOMES, queryOf, writeFilters } from "./filters";

const QUEUES = ["enterprise", "public"];
const PAUSE_MS = 350;

interface Props {
  filters: Values;
  canExport: boolean;
  onChange: (filters: Values) => void;
}

export function Filters({ filters, canExport, onChange }: Props) {
  const { t } = useTranslation();
  const any = writeFilters(filters).size > 0;
  const pick = (name: "queue" | "outcome" | "survey", values: string[], label: (value: string) => string) => (
    <Select
      className={`filter-${name}`}
      aria-label={t(`calls.${name}`)}
      allowClear
      placeholder={t(`calls.${name}`)}
      value={filters[name] || undefined}
      options={values.map((value) => ({ value, label: label(value) }))}
      onChange={(value?: string) => onChange({ ...filters, [name]: value ?? "" })}
      data-testid={`filter-${name}`}
    />
  );
  return (
    <div className="filters" role="search">
      <Typed
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
      <Typed
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

interface TypedProps {
  className: string;
  value: string;
  label: string;
  testId: string;
  onChange: (value: string) => void;
}

/** A text that filters when the typing pauses. */
function Typed({ className, value, label, testId, onChange }: TypedProps) {
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    // Cleared, or another address: the field follows.
    setSeen(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => onChange(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  });
  return (
    <Input
      className={className}
      value={typed}
      placeholder={label}
      aria-label={label}
      allowClear
      maxLength={100}
      onChange={(event) => setTyped(event.target.value)}
      onPressEnter={() => onChange(typed)}
      data-testid={testId}
    />
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

import { DatePicker, Input, Select } from "antd";
import dayjs from "dayjs";
import { useEffect, useState } from "react";

const PAUSE_MS = 350;

interface Props {
  value: string | undefined;
  label: string;
  onChange: (value: string) => void;
  testId?: string;
  className?: string;
}

/** A text that filters when the typing pauses. */
export function TextFilter({ value = "", label, onChange, testId, className = "" }: Props) {
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
      className={`filter-text ${className}`}
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

interface ChoiceProps extends Props {
  options: { value: string; label: string }[];
}

export function ChoiceFilter({ value, label, options, onChange, testId, className = "" }: ChoiceProps) {
  return (
    <Select
      className={`filter-choice ${className}`}
      aria-label={label}
      placeholder={label}
      allowClear
      showSearch={options.length > 8 ? { optionFilterProp: "label" } : false}
      popupMatchSelectWidth={false}
      value={value || undefined}
      options={options}
      onChange={(chosen?: string) => onChange(chosen ?? "")}
      data-testid={testId}
    />
  );
}

/** One day, as YYYY-MM-DD. */
export function DayFilter({ value, label, onChange }: Props) {
  return (
    <DatePicker
      aria-label={label}
      placeholder={label}
      value={value ? dayjs(value) : null}
      onChange={(day) => onChange(day ? day.format("YYYY-MM-DD") : "")}
    />
  );
}

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
  const [sent, setSent] = useState(value);
  if (seen !== value) {
    setSeen(value);
    // Cleared, or another address: the field follows. The address of this field's own text comes late, and whatever
    // was typed meanwhile stays.
    if (value !== sent) setTyped(value);
    setSent(value);
  }
  function send() {
    setSent(typed);
    onChange(typed);
  }
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(send, PAUSE_MS);
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
      onPressEnter={send}
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

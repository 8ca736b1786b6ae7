import { useTranslation } from "react-i18next";
import { StatusTag } from "../ui/StatusTag";
import { moment } from "../ui/time";
import { useMinute } from "../ui/useNow";

interface Props {
  onDuty: boolean;
  /** Where a roster says so. */
  until: string | null;
  begins: string | null;
}

/** On duty and until when, or when the next shift begins. */
export function DutyTag({ onDuty, until, begins }: Props) {
  const { t, i18n } = useTranslation();
  const now = useMinute();
  const time = onDuty ? until : begins;
  // Shifts begin and end at whole minutes.
  const said = (iso: string) => moment(iso, now, i18n.language).replace(/(\d\d:\d\d):\d\d$/, "$1");
  const word = onDuty ? "onDuty" : "offDuty";
  return (
    <StatusTag tone={onDuty ? "green" : "amber"}>
      {time === null ? t(`roster.${word}`) : t(`roster.${word}Time`, { time: said(time) })}
    </StatusTag>
  );
}

import { useTranslation } from "react-i18next";
import { fullMoment, moment } from "./time";
import { useMinute } from "./useNow";

/** A moment as people say it, with the whole of it on hover. */
export function Moment({ iso }: { iso: string | null }) {
  const { i18n } = useTranslation();
  const now = useMinute();
  if (iso === null) return <span>—</span>;
  return (
    <time dateTime={iso} title={fullMoment(iso)}>
      {moment(iso, now, i18n.language)}
    </time>
  );
}

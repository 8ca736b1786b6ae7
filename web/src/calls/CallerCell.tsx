import { LockOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { CallRow } from "../api/types";
import { StatusTag } from "../ui/StatusTag";
import { useCallerNumber } from "../ui/useCallerNumber";

/** Who called; of a confidential case, that the reader may not know. */
export function CallerCell({ row }: { row: CallRow }) {
  const shown = useCallerNumber();
  const name = row.enterprise_name || row.caller_name;
  return (
    <span className="cell-caller">
      {row.confidential ? (
        <ConfidentialTag />
      ) : (
        <>
          {name && <span>{name}</span>}
          <span className="quiet">{shown(row.caller_number, row.entry)}</span>
        </>
      )}
    </span>
  );
}

export function ConfidentialTag() {
  const { t } = useTranslation();
  return (
    <span title={t("calls.confidentialNote")} data-testid="confidential">
      <StatusTag tone="violet">
        <LockOutlined aria-hidden /> {t("calls.confidential")}
      </StatusTag>
    </span>
  );
}

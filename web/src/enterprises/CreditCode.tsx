import { useTranslation } from "react-i18next";
import type { EnterpriseRow } from "../api/types";
import { StatusTag } from "../ui/StatusTag";

/** The credit code, with a mark where it fails a check and was compared with the licence. */
export function CreditCode({ of }: { of: Pick<EnterpriseRow, "credit_code" | "credit_code_confirmed"> }) {
  const { t } = useTranslation();
  if (!of.credit_code) return <span className="quiet">{t("enterprises.noCode")}</span>;
  return (
    <span className="credit-code">
      <span className="code">{of.credit_code}</span>
      {of.credit_code_confirmed && (
        <span title={t("enterprises.confirmedHint")} data-testid="code-confirmed">
          <StatusTag tone="amber">{t("enterprises.confirmed")}</StatusTag>
        </span>
      )}
    </span>
  );
}

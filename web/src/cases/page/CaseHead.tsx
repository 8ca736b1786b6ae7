import { FilePdfOutlined, PrinterOutlined } from "@ant-design/icons";
import { Button, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { CaseView } from "../../api/types";
import { Moment } from "../../ui/Moment";
import { PageHead } from "../../ui/PageHead";
import { StatusTag, type Tone } from "../../ui/StatusTag";
import { sheetLanguage, sheetPdf } from "../sheet";

const RED = new Set(["mass", "sensitive", "hard"]);
const URGENT: Record<CaseView["urgency"], Tone> = { normal: "plain", urgent: "amber", life_safety: "red" };

/** Which case this is and where it stands. */
export function CaseHead({ view }: { view: CaseView }) {
  const { t, i18n } = useTranslation();
  const { number, spoken_number: spoken } = view;
  return (
    <header className="case-head">
      <PageHead title={view.title || t("case.untitled")}>
        <Button icon={<PrinterOutlined />} href={`/cases/${view.id}/print`} target="_blank">
          {t("casePage.print")}
        </Button>
        <Button icon={<FilePdfOutlined />} href={sheetPdf(view.id, sheetLanguage(i18n.language))} download={`${number}.pdf`}>
          {t("casePage.pdf")}
        </Button>
      </PageHead>
      <div className="case-marks">
        <Typography.Text
          className="code case-spoken"
          copyable={{ text: number, tooltips: [t("casePage.copy"), t("casePage.copied")] }}
          data-testid="case-spoken"
        >
          {spoken}
        </Typography.Text>
        <span className="tag state" data-state={view.state} data-testid="case-state">
          {t(`caseState.${view.state}`)}
        </span>
        {view.type && <StatusTag>{t(`caseType.${view.type}`)}</StatusTag>}
        <StatusTag tone={URGENT[view.urgency]}>{t(`case.urgency.${view.urgency}`)}</StatusTag>
        {view.confidential && <StatusTag tone="violet">{t("casePage.flag.confidential")}</StatusTag>}
        {view.suspended_at !== null && <StatusTag tone="amber">{t("casePage.flag.suspended")}</StatusTag>}
        {view.flags.map((flag) => (
          <StatusTag key={flag} tone={flag === "anonymous" ? "violet" : RED.has(flag) ? "red" : "amber"}>
            {t(`casePage.flag.${flag}`)}
          </StatusTag>
        ))}
        <span className="quiet">
          {view.next_due_at === null ? (
            t("casePage.due.none")
          ) : (
            <>
              {t("casePage.due.next")} <Moment iso={view.next_due_at} />
            </>
          )}
        </span>
        {view.claimed_by !== null && <span className="quiet">{t("casePage.claimedBy", { name: view.claimed_by_name })}</span>}
      </div>
    </header>
  );
}

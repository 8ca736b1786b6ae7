import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import type { CaseView } from "../../api/types";
import { fullMoment } from "../../ui/time";
import { since } from "./course";

/** Who did what since somebody began to write. */
export function Changes({ view, seen, onSeen }: { view: CaseView; seen: number; onSeen: () => void }) {
  const { t } = useTranslation();
  const steps = since(view, seen);
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      className="form-note"
      data-testid="case-changed"
      title={t("casePage.changed.title")}
      description={
        <>
          <ul>
            {steps.map((step) => (
              <li key={step.version}>
                {t("casePage.changed.step", {
                  name: step.by_name || t("casePage.course.deadline"),
                  time: fullMoment(step.at).slice(11, 16),
                  action: t(`casePage.action.${step.action}`),
                })}
              </li>
            ))}
            {steps.length === 0 && <li>{t("casePage.changed.some")}</li>}
          </ul>
          <Button size="small" onClick={onSeen}>
            {t("casePage.changed.seen")}
          </Button>
        </>
      }
    />
  );
}

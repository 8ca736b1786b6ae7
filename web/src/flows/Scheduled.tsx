import { useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { words } from "../app/words";
import { fullMoment } from "../ui/time";
import { cancelPublication, FLOWS, type FlowView } from "./flows";

/** What comes into force later, each to be cancelled until then. */
export function Scheduled({ flow, canWrite }: { flow: FlowView; canWrite: boolean }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  async function cancel(id: string) {
    try {
      await cancelPublication(flow.id, id);
    } catch (error) {
      void message.error(words(error));
    }
    await client.invalidateQueries({ queryKey: FLOWS });
  }
  return flow.scheduled.map((each) => (
    <Alert
      key={each.id}
      type="info"
      showIcon
      data-testid="flow-scheduled"
      title={t("flows.scheduled", { number: each.number, at: fullMoment(each.starts_at), alias: t(`flows.alias.${each.alias}`) })}
      description={[each.by, each.reason].filter(Boolean).join(" · ")}
      action={
        canWrite && (
          <Button size="small" onClick={() => void cancel(each.id)} data-testid="cancel-publication">
            {t("flows.cancelScheduled")}
          </Button>
        )
      }
    />
  ));
}

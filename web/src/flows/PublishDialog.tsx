import { useQueryClient } from "@tanstack/react-query";
import { DatePicker, Form, Input, Radio } from "antd";
import type { Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { FormDialog } from "../ui/FormDialog";
import { Comparison } from "./Comparison";
import { ALIASES, DRAFT, FLOWS, type FlowAlias, type FlowView, inForce, publishDraft } from "./flows";

interface Entered {
  alias: FlowAlias;
  note?: string;
  starts_at?: Dayjs | null;
}

/** What will change for callers, and from when. */
export function PublishDialog({ flow, onClose }: { flow: FlowView; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  async function publish({ alias, note = "", starts_at }: Entered) {
    await publishDraft(flow.id, {
      draft_version: flow.draft.version,
      alias,
      live: inForce(flow, alias),
      note,
      starts_at: starts_at ? starts_at.toISOString() : null,
    });
    await client.invalidateQueries({ queryKey: FLOWS });
  }
  const live = inForce(flow);
  return (
    <FormDialog<Entered>
      title={t("flows.publish")}
      text={t("flows.publishText")}
      okText={t("flows.publish")}
      okTestId="publish-confirm"
      initial={{ alias: "live" }}
      onSend={publish}
      onClose={onClose}
    >
      {live !== DRAFT && <Comparison id={flow.id} before={live} after={DRAFT} />}
      <Form.Item name="alias" label={t("flows.for")}>
        <Radio.Group options={ALIASES.map((value) => ({ value, label: t(`flows.aliasDoes.${value}`) }))} />
      </Form.Item>
      <Form.Item name="note" label={t("flows.note")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
        <Input maxLength={500} data-testid="publish-note" />
      </Form.Item>
      <Form.Item name="starts_at" label={t("flows.startsAt")} extra={t("flows.startsAtHint")}>
        <DatePicker showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" data-testid="publish-at" />
      </Form.Item>
    </FormDialog>
  );
}

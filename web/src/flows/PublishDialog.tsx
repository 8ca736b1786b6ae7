import { useQueryClient } from "@tanstack/react-query";
import { Checkbox, DatePicker, Form, Input, Radio } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "../api/problem";
import { FormDialog } from "../ui/FormDialog";
import { Comparison } from "./Comparison";
import { ALIASES, DRAFT, FLOWS, type FlowAlias, type FlowView, inForce, publishDraft } from "./flows";

interface Entered {
  alias: FlowAlias;
  note?: string;
  starts_at?: Dayjs | null;
  despite_tests?: boolean;
}

/** What will change for callers, and from when. */
export function PublishDialog({ flow, onClose }: { flow: FlowView; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [failed, setFailed] = useState(false);
  async function publish({ alias, note = "", starts_at, despite_tests = false }: Entered) {
    await publishDraft(flow.id, {
      draft_version: flow.draft.version,
      alias,
      live: inForce(flow, alias),
      note,
      starts_at: starts_at ? starts_at.toISOString() : null,
      despite_tests,
    }).catch((error: unknown) => {
      setFailed((before) => before || isProblem(error, "flow.tests_failed"));
      throw error;
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
      {failed && (
        <Form.Item name="despite_tests" valuePropName="checked">
          <Checkbox data-testid="publish-despite-tests">{t("flows.despiteTests")}</Checkbox>
        </Form.Item>
      )}
    </FormDialog>
  );
}

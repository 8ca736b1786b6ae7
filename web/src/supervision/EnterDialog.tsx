import { useQueryClient } from "@tanstack/react-query";
import { DatePicker, Form, Input, Radio } from "antd";
import type { Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { FormDialog } from "../ui/FormDialog";
import { LEDGER, type LedgerDraft } from "./supervision";
import { enterUnsolved } from "./supervisionApi";

interface Entered {
  kind: NonNullable<LedgerDraft["kind"]>;
  reason: string;
  planned_for?: Dayjs;
}

/** Enter a case in the ledger: why it is not solved, or by what plan it will be. */
export function EnterDialog({ caseId, onClose }: { caseId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  async function enter({ kind, reason, planned_for: day }: Entered) {
    await enterUnsolved({ case_id: caseId, kind, reason: reason.trim(), planned_for: day?.format("YYYY-MM-DD") ?? null });
    await client.invalidateQueries({ queryKey: LEDGER });
  }
  return (
    <FormDialog<Entered>
      title={t("ledger.enter")}
      text={t("ledger.enterText")}
      okText={t("ledger.enter")}
      okTestId="enter-confirm"
      initial={{ kind: "unsolved" }}
      onSend={enter}
      onClose={onClose}
    >
      <Form.Item name="kind" label={t("ledger.kindTitle")}>
        <Radio.Group options={(["unsolved", "planned"] as const).map((value) => ({ value, label: t(`ledger.kind.${value}`) }))} />
      </Form.Item>
      <Form.Item name="reason" label={t("ledger.reason")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
        <Input.TextArea rows={3} maxLength={4000} data-testid="enter-reason" />
      </Form.Item>
      <Form.Item noStyle dependencies={["kind"]}>
        {({ getFieldValue }) =>
          getFieldValue("kind") === "planned" && (
            <Form.Item name="planned_for" label={t("ledger.planned")} rules={[{ required: true, message: t("form.required") }]}>
              <DatePicker style={{ width: "100%" }} />
            </Form.Item>
          )
        }
      </Form.Item>
    </FormDialog>
  );
}

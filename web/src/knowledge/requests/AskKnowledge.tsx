import { QuestionCircleOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { FormDialog } from "../../ui/FormDialog";
import { newId } from "../../ui/newId";
import { asTree, treeOptions } from "../../ui/table/tree";
import { loadUnits, UNITS } from "../../units/units";
import { makeRequest, mayAsk, OF_ENTRY, REQUEST_KINDS, type RequestDraft, type RequestKind, REQUESTS } from "./requests";

interface Props {
  kind: RequestKind;
  /** Written into the form. */
  question?: string;
  proposal?: string;
  /** Which is wrong, or did not answer; its unit gets the request. */
  entry?: { id: string; number: number | null; unitName: string };
  /** Whose it is, where that is known. */
  unit?: { id: string; name: string } | null;
  /** The search without a hit that it is about. */
  missId?: string;
  /** On the button. */
  label?: string;
  caseId?: string;
  /** Whether the kind may be chosen. */
  anyKind?: boolean;
  small?: boolean;
  onMade?: () => void;
}

/** Asks a unit for what the knowledge base lacks; drawn for whoever may. */
export function AskKnowledge(props: Props) {
  const { t } = useTranslation();
  const session = useSession();
  const [open, setOpen] = useState(false);
  const user = session.data?.user;
  if (!user || !mayAsk(user)) return null;
  return (
    <>
      <Button
        icon={<QuestionCircleOutlined />}
        {...(props.small && { size: "small" as const })}
        onClick={() => setOpen(true)}
        data-testid={`ask-${props.kind}`}
      >
        {props.label ?? t(`requests.ask.${props.anyKind ? "any" : props.kind}`)}
      </Button>
      {open && <AskDialog {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

type Asked = Pick<RequestDraft, "kind" | "unit_id" | "question" | "proposal">;

function AskDialog({ kind, question, proposal, entry, unit, missId, caseId, anyKind, onMade, onClose }: Props & { onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [id] = useState(newId);
  const units = useQuery({ queryKey: [...UNITS, "all"], queryFn: () => loadUnits(), enabled: entry === undefined && !unit });

  async function send(asked: Asked) {
    await makeRequest({
      ...asked,
      id,
      kind: asked.kind ?? kind,
      unit_id: unit?.id ?? asked.unit_id ?? null,
      ...(missId && { miss_id: missId }),
      ...(entry && { entry_id: entry.id, entry_number: entry.number }),
      ...(caseId && { case_id: caseId }),
    });
    void message.success(t("requests.made"));
    await client.invalidateQueries({ queryKey: REQUESTS });
    onMade?.();
  }
  return (
    <FormDialog<Asked>
      title={t(`requests.ask.${anyKind ? "any" : kind}`)}
      text={t(`requests.askText.${anyKind ? "any" : kind}`)}
      okText={t("requests.send")}
      okTestId="ask-send"
      initial={{ kind, question: question ?? "", proposal: proposal ?? "", unit_id: null }}
      onSend={send}
      onClose={onClose}
    >
      {anyKind && (
        <Form.Item name="kind" label={t("requests.kindTitle")}>
          <Select
            options={REQUEST_KINDS.filter((one) => !OF_ENTRY.has(one)).map((value) => ({ value, label: t(`requests.kind.${value}`) }))}
            data-testid="ask-kind"
          />
        </Form.Item>
      )}
      {entry || unit ? (
        <p className="quiet">{t("requests.goesTo", { unit: (entry?.unitName ?? unit?.name) || t("knowledge.hotline") })}</p>
      ) : (
        <Form.Item name="unit_id" label={t("requests.unit")} extra={t("requests.unitHint")}>
          <Select
            showSearch={{ optionFilterProp: "label" }}
            options={[{ value: null, label: t("requests.unknownUnit") }, ...treeOptions(asTree(units.data ?? []))]}
            data-testid="ask-unit"
          />
        </Form.Item>
      )}
      <Form.Item
        name="question"
        label={t(`requests.questionOf.${kind === "error" ? "error" : "gap"}`)}
        extra={t("requests.noPersons")}
        rules={[{ required: true, whitespace: true, min: 2, message: t("form.required") }]}
      >
        <Input.TextArea rows={3} maxLength={1000} data-testid="ask-question" />
      </Form.Item>
      <Form.Item name="proposal" label={t("requests.proposal")} extra={t("requests.proposalHint")}>
        <Input.TextArea rows={3} maxLength={2000} data-testid="ask-proposal" />
      </Form.Item>
    </FormDialog>
  );
}

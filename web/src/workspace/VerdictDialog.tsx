import { Alert, AutoComplete, Checkbox, Form, Input, Modal, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { CitePicker } from "../knowledge/CitePicker";
import type { EntryRow, KnowledgeCited } from "../knowledge/knowledge";
import { askedIn } from "../knowledge/requests/answer";
import { FollowUpItem } from "../knowledge/requests/FollowUpField";
import type { CaseFields, DirectAnswer, EmergencyService, NotAccepted, NotAcceptedReason } from "../api/types";

/** What the dialog asks; the version and the request's id come with the sending. */
type Told<Body> = Omit<Body, "version" | "request_id">;

export type Verdict =
  | { kind: "not-accepted"; body: Told<NotAccepted> }
  | { kind: "emergency"; service: EmergencyService }
  | { kind: "direct"; body: Told<DirectAnswer> };

const REASONS: NotAcceptedReason[] = ["a", "b", "c", "d", "e", "f", "g"];
/** For these the standard wants the proper channel named (clause 6). */
const CHANNEL_NEEDED = new Set<NotAcceptedReason>(["a", "d"]);
const CHANNELS = ["court", "arbitration", "discipline", "review", "disclosure"] as const;
const SERVICES: EmergencyService[] = ["110", "119", "120", "122"];

interface Props {
  kind: Verdict["kind"];
  threewayCallId: string | null;
  busy: boolean;
  /** The case as it is typed. */
  about: CaseFields;
  /** The entry that answers it, if it is chosen already. */
  entry: EntryRow | null;
  onDecide: (verdict: Verdict) => void;
  onClose: () => void;
}

interface Entered {
  reason: NotAcceptedReason;
  explanation?: string;
  channel?: string;
  service?: EmergencyService;
  answer?: string;
  knowledge?: KnowledgeCited[];
  consent?: boolean;
  follow_up?: Told<DirectAnswer>["follow_up"];
}

export function VerdictDialog({ kind, threewayCallId, busy, about, entry, onDecide, onClose }: Props) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Entered>();
  const title = { "not-accepted": "case.notAccepted", emergency: "case.emergency", direct: "case.direct" }[kind];

  function decide(entered: Entered) {
    if (kind === "not-accepted") {
      const { reason, explanation = "", channel } = entered;
      onDecide({ kind, body: channel ? { reason, explanation, channel } : { reason, explanation } });
    } else if (kind === "emergency") {
      onDecide({ kind, service: entered.service ?? "110" });
    } else {
      const { answer = "", knowledge = [], consent = false, follow_up = null } = entered;
      const body: Told<DirectAnswer> = { answer, knowledge };
      const spoken = threewayCallId && consent ? { consent, three_way_call_id: threewayCallId, follow_up } : {};
      onDecide({ kind, body: { ...body, ...spoken } });
    }
  }

  return (
    <Modal
      open
      title={t(title)}
      okText={t(title)}
      cancelText={t("common.cancel")}
      okButtonProps={{ danger: kind === "emergency", ...{ "data-testid": "verdict-confirm" } }}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={onClose}
      width={520}
    >
      <Form form={form} layout="vertical" onFinish={decide} initialValues={{ service: "110", knowledge: entry?.number ? [{ entry_id: entry.id, number: entry.number }] : [] }}>
        {kind === "not-accepted" && <NotAcceptedFields />}
        {kind === "emergency" && <EmergencyFields />}
        {kind === "direct" && <DirectFields threeway={threewayCallId !== null} about={about} entry={entry} />}
      </Form>
    </Modal>
  );
}

function NotAcceptedFields() {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Entered>();
  const reason = Form.useWatch("reason", form) as NotAcceptedReason | undefined;

  function choose(chosen: string) {
    const written = form.getFieldValue("explanation") as string | undefined;
    const ready = REASONS.map((r) => t(`case.explain.${r}`));
    // A sentence of the agent's own is never overwritten.
    if (!written || ready.includes(written)) form.setFieldValue("explanation", t(`case.explain.${chosen}`));
  }

  const channels = reason === "d" ? SERVICES.map((s) => t(`case.services.${s}`)) : CHANNELS.map((c) => t(`case.channels.${c}`));
  return (
    <>
      <Form.Item name="reason" label={t("case.reason")} rules={[{ required: true, message: t("case.needReason") }]}>
        <Select
          options={REASONS.map((value) => ({ value, label: t(`case.reasons.${value}`) }))}
          onChange={choose}
          data-testid="verdict-reason"
        />
      </Form.Item>
      <Form.Item
        name="explanation"
        label={t("case.explanation")}
        rules={[{ required: true, whitespace: true, message: t("case.needExplanation") }]}
      >
        <Input.TextArea rows={3} maxLength={4000} data-testid="verdict-explanation" />
      </Form.Item>
      <Form.Item
        name="channel"
        label={t("case.channel")}
        rules={[{ required: reason !== undefined && CHANNEL_NEEDED.has(reason), whitespace: true, message: t("case.needChannel") }]}
      >
        <AutoComplete options={channels.map((value) => ({ value }))} data-testid="verdict-channel" />
      </Form.Item>
    </>
  );
}

function EmergencyFields() {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item name="service">
        <Radio.Group
          optionType="button"
          buttonStyle="solid"
          options={SERVICES.map((value) => ({ value, label: t(`case.services.${value}`) }))}
          data-testid="verdict-service"
        />
      </Form.Item>
      <Alert type="warning" showIcon title={t("case.emergencyText")} />
    </>
  );
}

/** What it rests on: the knowledge base, or the specialist of the call. */
function DirectFields({ threeway, about, entry }: { threeway: boolean } & Pick<Props, "about" | "entry">) {
  const { t } = useTranslation();
  const form = Form.useFormInstance<Entered>();
  const cited = Form.useWatch("knowledge", form) ?? [];
  const consent = Form.useWatch("consent", form) ?? false;

  function read(answer: string) {
    const written = (form.getFieldValue("answer") as string | undefined) ?? "";
    // What the agent wrote is never overwritten.
    if (!written.includes(answer)) form.setFieldValue("answer", [written, answer].filter(Boolean).join("\n"));
  }
  return (
    <>
      <p className="quiet">{t(threeway ? "case.directText" : "case.directKnowledge")}</p>
      <Form.Item
        name="knowledge"
        label={t("knowledge.cite")}
        rules={threeway ? [] : [{ required: true, message: t("case.needCitation") }]}
      >
        <CitePicker onAnswer={read} about={about} given={entry ?? undefined} />
      </Form.Item>
      <Form.Item name="answer" label={t("case.answer")} rules={[{ required: true, whitespace: true, message: t("case.answer") }]}>
        <Input.TextArea rows={5} maxLength={4000} data-testid="verdict-answer" />
      </Form.Item>
      {threeway && (
        <Form.Item
          name="consent"
          valuePropName="checked"
          rules={
            cited.length > 0
              ? []
              : [{ validator: (_, on: boolean) => (on ? Promise.resolve() : Promise.reject(new Error(t("case.needConsent")))) }]
          }
        >
          <Checkbox data-testid="verdict-consent">{t("case.consent")}</Checkbox>
        </Form.Item>
      )}
      {threeway && consent && about.type === "consult" && <FollowUpItem question={askedIn(about)} />}
    </>
  );
}

import { Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { SimilarCase } from "../api/types";
import { Failed } from "../ui/Failed";
import { newId } from "../ui/newId";
import { fullMoment } from "../ui/time";

interface Props {
  one: SimilarCase;
  callId: string | null;
  /** The repetition is noted on the existing case. */
  onNoted: () => Promise<unknown>;
  onClose: () => void;
}

/** The caller asks again: what they are told, with the state and the next date already written. */
export function RepeatDialog({ one, callId, onNoted, onClose }: Props) {
  const { t } = useTranslation();
  const [form] = Form.useForm<{ told: string; words?: string }>();
  const [request] = useState(newId);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const until = one.promised_at ?? one.next_due_at;
  const said = { number: one.spoken_number, state: t(`caseState.${one.state}`) };
  const told = until === null ? t("similar.toldText", said) : t("similar.toldTextUntil", { ...said, date: fullMoment(until).slice(0, 16) });

  async function note({ told: text, words = "" }: { told: string; words?: string }) {
    setBusy(true);
    setRefused(null);
    try {
      const params = { path: { case_id: one.id } };
      // The list may be a moment old; that the caller asked again is so whatever was done meanwhile.
      const { version } = await unwrap(api.GET("/api/cases/{case_id}", { params }));
      const body = { told: text, words, version, request_id: request, ...(callId !== null && { call_id: callId }) };
      await unwrap(api.POST("/api/cases/{case_id}/note-repeat", { params, body }));
      await onNoted();
      onClose();
    } catch (error) {
      setRefused(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Modal
      open
      title={t("similar.repeat")}
      okText={t("similar.repeat")}
      okButtonProps={{ "data-testid": "repeat-confirm" }}
      cancelText={t("common.cancel")}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <p>{t("similar.repeatText")}</p>
      {refused !== null && <Failed error={refused} onRetry={() => form.submit()} />}
      <Form form={form} layout="vertical" initialValues={{ told }} onFinish={(entered) => void note(entered)}>
        <Form.Item name="told" label={t("similar.told")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
          <Input.TextArea rows={3} maxLength={4000} data-testid="repeat-told" />
        </Form.Item>
        <Form.Item name="words" label={t("similar.words")}>
          <Input.TextArea rows={2} maxLength={20_000} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

import { Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { SimilarCase } from "../api/types";
import { FormDialog } from "../ui/FormDialog";
import { newId } from "../ui/newId";
import { fullMoment } from "../ui/time";

interface Props {
  one: SimilarCase;
  callId: string | null;
  /** The repetition is noted on the existing case. */
  onNoted: () => Promise<unknown>;
  onClose: () => void;
}

interface Entered {
  caller_message: string;
  words?: string;
}

/** The caller asks again: the message to them, with the state and the next date already written. */
export function RepeatDialog({ one, callId, onNoted, onClose }: Props) {
  const { t } = useTranslation();
  const [request] = useState(newId);
  const until = one.promised_at ?? one.next_due_at;
  const said = { number: one.spoken_number, state: t(`caseState.${one.state}`) };
  const message = until === null ? t("similar.callerMessageText", said) : t("similar.callerMessageUntil", { ...said, date: fullMoment(until).slice(0, 16) });

  async function note({ caller_message: text, words = "" }: Entered) {
    const params = { path: { case_id: one.id } };
    // The list may be a moment old; that the caller asked again holds whatever was done meanwhile.
    const { version } = await unwrap(api.GET("/api/cases/{case_id}", { params }));
    const body = { caller_message: text, words, version, request_id: request, ...(callId !== null && { call_id: callId }) };
    await unwrap(api.POST("/api/cases/{case_id}/note-repeat", { params, body }));
    await onNoted();
  }
  return (
    <FormDialog<Entered>
      title={t("similar.repeat")}
      text={t("similar.repeatText")}
      okText={t("similar.repeat")}
      okTestId="repeat-confirm"
      initial={{ caller_message: message }}
      onSend={note}
      onClose={onClose}
    >
      <Form.Item name="caller_message" label={t("similar.callerMessage")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
        <Input.TextArea rows={3} maxLength={4000} data-testid="repeat-message" />
      </Form.Item>
      <Form.Item name="words" label={t("similar.words")}>
        <Input.TextArea rows={2} maxLength={20_000} />
      </Form.Item>
    </FormDialog>
  );
}

import { Alert, Button, Form, Input } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useEdit } from "../../admin/useEdit";
import { api, unwrap } from "../../api/client";
import { Failed } from "../../ui/Failed";
import { ServiceForm } from "../../ui/form/ServiceForm";
import { type PromptLanguage, PROMPTS, tryWords } from "./prompts";
import { addressOf, type PromptSound } from "./states";

interface Fields {
  text: string;
  spoken: string;
}

interface Props {
  id: string;
  language: PromptLanguage;
  sound: PromptSound | undefined;
  /** Why no voice speaks here; "" where one does. */
  trouble: string;
}

/** Words for the voice: listened to before they are used, heard by the next caller afterwards. */
export function PromptWords({ id, language, sound, trouble }: Props) {
  const { t } = useTranslation();
  const edit = useEdit(PROMPTS);
  const [form] = Form.useForm<Fields>();
  const [trial, setTrial] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  useEffect(() => () => URL.revokeObjectURL(trial), [trial]);
  if (trouble) return <Alert type="info" showIcon className="form-note" title={t("prompts.noVoiceHere", { trouble })} />;

  async function listen() {
    const { text, spoken = "" } = await form.validateFields();
    setBusy(true);
    setRefused(null);
    try {
      setTrial(URL.createObjectURL(await tryWords(language, text, spoken)));
    } catch (error) {
      setRefused(error);
    } finally {
      setBusy(false);
    }
  }
  const save = ({ text, spoken = "" }: Fields) =>
    edit(
      unwrap(
        api.PUT("/api/prompts/{prompt_id}/{language}/words", {
          params: { path: { prompt_id: addressOf(id), language } },
          body: { version: sound?.version ?? 0, text, spoken, new: sound === undefined },
        }),
      ),
    );
  return (
    <details className="prompt-edit" data-testid="prompt-words">
      <summary>{t("prompts.speak")}</summary>
      <ServiceForm<Fields> form={form} initial={{ text: sound?.text ?? "", spoken: "" }} fields={["text", "spoken"]} owner={{ "prompt.words_unspeakable": "text" }} onSave={save} submit={t("prompts.speakSave")}>
        <Form.Item name="text" label={t("prompts.text")} rules={[{ required: true, whitespace: true, message: t("form.required") }]}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={500} showCount />
        </Form.Item>
        <Form.Item name="spoken" label={t("prompts.spoken")} extra={t("prompts.spokenHint", { spoken: sound?.spoken || "—" })}>
          <Input.TextArea autoSize={{ minRows: 1, maxRows: 6 }} maxLength={500} />
        </Form.Item>
        <Form.Item>
          <Button loading={busy} onClick={() => void listen()} data-testid="prompt-try">
            {t("prompts.try")}
          </Button>
          {trial && (
            <audio controls autoPlay src={trial} className="prompt-audio" aria-label={t("prompts.try")} data-testid="prompt-trial">
              <track kind="captions" />
            </audio>
          )}
          {refused !== null && <Failed error={refused} onRetry={() => void listen()} />}
        </Form.Item>
      </ServiceForm>
    </details>
  );
}

import { AudioOutlined, StopOutlined, UploadOutlined } from "@ant-design/icons";
import { Alert, Button, Input, Progress } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useEdit } from "../../admin/useEdit";
import { Failed } from "../../ui/Failed";
import { LevelMeter } from "../../ui/LevelMeter";
import { type PromptLanguage, PROMPTS, sendRecording } from "./prompts";
import { type PromptSound } from "./states";
import { useRecorder } from "./useRecorder";

interface Props {
  id: string;
  language: PromptLanguage;
  sound: PromptSound | undefined;
  longest: number;
  mostBytes: number;
}

/** A human voice: from a file or from the microphone, listened to before it is used. */
export function PromptRecording({ id, language, sound, longest, mostBytes }: Props) {
  const { t } = useTranslation();
  const edit = useEdit(PROMPTS);
  const chooser = useRef<HTMLInputElement>(null);
  const [taken, setTaken] = useState<Blob | null>(null);
  const [url, setUrl] = useState("");
  const [text, setText] = useState(sound?.text ?? "");
  const [share, setShare] = useState<number | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const recorder = useRecorder(longest, take);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  const tooLarge = taken !== null && taken.size > mostBytes;

  function take(recorded: Blob) {
    setRefused(null);
    setTaken(recorded);
    setUrl(URL.createObjectURL(recorded));
  }
  async function send() {
    if (taken === null) return;
    setShare(0);
    setRefused(null);
    try {
      await edit(sendRecording({ id, language, text: text.trim(), version: sound?.version ?? 0, isNew: sound === undefined }, taken, setShare));
      setTaken(null);
    } catch (error) {
      setRefused(error);
    } finally {
      setShare(null);
    }
  }
  return (
    <details className="prompt-edit" data-testid="prompt-recording">
      <summary>{t("prompts.record")}</summary>
      <p className="quiet">{t("prompts.recordHint", { seconds: longest, megabytes: Math.floor(mostBytes / 1e6) })}</p>
      <p className="prompt-buttons">
        {recorder.stream === null ? (
          <Button icon={<AudioOutlined />} onClick={() => void recorder.start()} data-testid="prompt-mic">
            {t("prompts.startRecording")}
          </Button>
        ) : (
          <Button danger icon={<StopOutlined />} onClick={recorder.stop} data-testid="prompt-stop">
            {t("prompts.stopRecording")}
          </Button>
        )}
        <LevelMeter stream={recorder.stream} label={t("prompts.microphone")} />
        <Button icon={<UploadOutlined />} onClick={() => chooser.current?.click()}>
          {t("prompts.chooseFile")}
        </Button>
        <input
          ref={chooser}
          type="file"
          hidden
          accept=".wav,.flac,.ogg,.mp3,audio/*"
          aria-label={t("prompts.chooseFile")}
          onChange={(event) => event.target.files?.[0] && take(event.target.files[0])}
          data-testid="prompt-file"
        />
      </p>
      {recorder.trouble && <Alert type="error" showIcon role="alert" title={t("prompts.noMicrophone")} className="form-note" />}
      {taken !== null && (
        <>
          <audio controls src={url} className="prompt-audio" aria-label={t("prompts.taken")} data-testid="prompt-taken">
            <track kind="captions" />
          </audio>
          {tooLarge && <Alert type="error" showIcon role="alert" title={t("prompts.tooLarge", { megabytes: Math.floor(mostBytes / 1e6) })} className="form-note" />}
          <label className="prompt-says">
            {t("prompts.says")}
            <Input.TextArea value={text} autoSize={{ minRows: 2, maxRows: 6 }} maxLength={500} onChange={(event) => setText(event.target.value)} data-testid="prompt-says" />
          </label>
          <p className="prompt-buttons">
            <Button type="primary" disabled={tooLarge || text.trim() === ""} loading={share !== null} onClick={() => void send()} data-testid="prompt-use">
              {t("prompts.useRecording")}
            </Button>
            <Button onClick={() => setTaken(null)}>{t("prompts.drop")}</Button>
          </p>
          {share !== null && <Progress percent={Math.round(share * 100)} size="small" />}
          {refused !== null && <Failed error={refused} onRetry={() => void send()} />}
        </>
      )}
    </details>
  );
}

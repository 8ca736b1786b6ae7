import { PauseCircleOutlined, PlayCircleOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

/** Plays one sound; another that is started stops it. */
export function PlayButton({ url, label, disabled = false }: { url: string; label: string; disabled?: boolean }) {
  const { t } = useTranslation();
  const player = useRef<HTMLAudioElement | null>(null);
  const [playing, setPlaying] = useState(false);
  const [failed, setFailed] = useState(false);
  useEffect(() => () => player.current?.pause(), [url]);

  function toggle() {
    if (playing) return player.current?.pause();
    setFailed(false);
    const audio = (player.current = new Audio(url));
    audio.onpause = audio.onended = () => {
      setPlaying(false);
      if (current === audio) current = null;
    };
    audio.onerror = () => {
      setPlaying(false);
      setFailed(true);
    };
    current?.pause();
    current = audio;
    setPlaying(true);
    // A pause before it began rejects, and is meant.
    void audio.play().catch(() => setPlaying(false));
  }
  return (
    <Button
      type="text"
      icon={playing ? <PauseCircleOutlined /> : <PlayCircleOutlined />}
      danger={failed}
      disabled={disabled}
      aria-label={`${t(playing ? "prompts.pause" : "prompts.listen")} ${label}`}
      title={t(failed ? "prompts.playFailed" : playing ? "prompts.pause" : "prompts.listen")}
      onClick={toggle}
      data-testid="prompt-play"
    />
  );
}

let current: HTMLAudioElement | null = null;

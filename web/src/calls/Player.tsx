import { PauseOutlined, CaretRightFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, apiUrl, unwrap } from "../api/client";
import type { Side } from "../api/types";
import { duration } from "../ui/time";
import { draw } from "./waveform";

const SPEEDS = [1, 1.25, 1.5, 2];
const JUMP = 5;

interface Props {
  callId: string;
  /** Its first side is what is heard at first. */
  recording: { seconds: number; sides: Side[] };
  title: string;
}

/** Plays a recording or a message: waveform to see and to seek in, speed, and whose side is heard. */
export function Player({ callId, recording, title }: Props) {
  const { t } = useTranslation();
  const first = recording.sides[0] ?? "mix";
  const audio = useRef<HTMLAudioElement>(null);
  const resumeAt = useRef({ time: 0, playing: false });
  const [side, setSide] = useState<Side>(first);
  const [speed, setSpeed] = useState(1);
  const [playing, setPlaying] = useState(false);
  const [time, setTime] = useState(0);
  const [failed, setFailed] = useState(false);
  const total = recording.seconds;

  const seek = useCallback(
    (to: number) => {
      const at = Math.min(Math.max(0, to), total);
      if (audio.current) audio.current.currentTime = at;
      setTime(at);
    },
    [total],
  );

  const toggle = useCallback(() => {
    const player = audio.current;
    if (!player) return;
    if (player.paused) player.play().catch(() => undefined);
    else player.pause();
  }, []);

  useEffect(() => {
    if (audio.current) audio.current.playbackRate = speed;
  }, [speed, side]);

  function choose(next: Side) {
    // The other side goes on at the same place.
    resumeAt.current = { time: audio.current?.currentTime ?? 0, playing };
    setFailed(false);
    setSide(next);
  }

  function loaded() {
    const player = audio.current;
    if (!player) return;
    player.playbackRate = speed;
    player.currentTime = resumeAt.current.time;
    if (resumeAt.current.playing) player.play().catch(() => undefined);
  }

  return (
    <section className="player" aria-label={title} data-testid={`player-${first}`}>
      <h2>{title}</h2>
      {/* A telephone call has no captions; its course and case stand beside it. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <audio
        ref={audio}
        src={apiUrl(`/api/calls/${encodeURIComponent(callId)}/recording`, { side })}
        preload="metadata"
        onLoadedMetadata={loaded}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setPlaying(false)}
        onError={() => setFailed(true)}
        onTimeUpdate={(event) => setTime(event.currentTarget.currentTime)}
      />
      <Waveform callId={callId} side={first} time={time} total={total} onSeek={seek} onToggle={toggle} />
      <div className="player-row">
        <Button
          type="primary"
          shape="circle"
          icon={playing ? <PauseOutlined /> : <CaretRightFilled />}
          aria-label={t(playing ? "player.pause" : "player.play")}
          title={t("player.keys")}
          onClick={toggle}
          data-testid="player-toggle"
        />
        <span className="player-time" data-testid="player-time">
          {duration(time)} / {duration(total)}
        </span>
        <Segmented
          size="small"
          aria-label={t("player.speed")}
          value={speed}
          options={SPEEDS.map((value) => ({ value, label: `${value}×` }))}
          onChange={setSpeed}
        />
        {recording.sides.length > 1 && (
          <Segmented
            size="small"
            aria-label={t("player.side")}
            value={side}
            options={recording.sides.map((value) => ({ value, label: t(`player.sides.${value}`) }))}
            onChange={choose}
          />
        )}
      </div>
      {failed && (
        <p className="player-failed" role="alert">
          {t("player.failed")}
        </p>
      )}
    </section>
  );
}

interface WaveformProps {
  callId: string;
  side: Side;
  time: number;
  total: number;
  onSeek: (to: number) => void;
  onToggle: () => void;
}

function Waveform({ callId, side, time, total, onSeek, onToggle }: WaveformProps) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const query = useQuery({
    queryKey: ["calls", "peaks", callId, side],
    queryFn: () => unwrap(api.GET("/api/calls/{call_id}/peaks", { params: { path: { call_id: callId }, query: { side } } })),
    staleTime: Infinity,
  });
  const peaks = query.data?.peaks;
  const played = total > 0 ? time / total : 0;

  useEffect(() => {
    const target = canvas.current;
    if (!target) return;
    const paint = () => draw(target, peaks ?? [], played);
    paint();
    const watch = new ResizeObserver(paint);
    watch.observe(target);
    return () => watch.disconnect();
  }, [peaks, played]);

  function pressed(event: React.KeyboardEvent) {
    if (event.key === "ArrowRight") onSeek(time + JUMP);
    else if (event.key === "ArrowLeft") onSeek(time - JUMP);
    else if (event.key === " ") onToggle();
    else return;
    event.preventDefault();
  }

  return (
    <div
      className="waveform"
      role="slider"
      tabIndex={0}
      aria-label={t("player.seek")}
      aria-valuemin={0}
      aria-valuemax={Math.round(total)}
      aria-valuenow={Math.round(time)}
      aria-valuetext={duration(time)}
      onKeyDown={pressed}
      onPointerDown={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        onSeek(((event.clientX - box.left) / box.width) * total);
      }}
      data-testid="waveform"
    >
      <canvas ref={canvas} />
    </div>
  );
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "../../ui/EmptyState";
import { Failed } from "../../ui/Failed";
import { Moment } from "../../ui/Moment";
import { StatusTag, type Tone } from "../../ui/StatusTag";
import { DRAFT, type FlowView } from "../flows";
import { NewReplay } from "./NewReplay";
import { ReplayResult } from "./ReplayResult";
import { loadReplays, type Replay, replaysOf, stopReplay } from "./replays";
import "./replays.css";

const TONES: Record<Replay["state"], Tone> = { running: "brand", done: "green", stopped: "plain", failed: "red" };

/** What would have become of a period's calls in the draft, or in another version. */
export function Replays({ flow, canWrite }: { flow: FlowView; canWrite: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const replays = useQuery({
    queryKey: replaysOf(flow.id),
    queryFn: () => loadReplays(flow.id),
    refetchInterval: ({ state }) => (state.data?.some((each) => each.state === "running") ? 1000 : false),
  });
  const nameOf = ({ number }: Replay) => (number === DRAFT ? t("replay.draft") : t("flows.version", { number }));
  const [opened, setOpened] = useState<string | null>(null);
  if (replays.isError) return <Failed error={replays.error} onRetry={() => void replays.refetch()} />;
  if (!replays.data) return <div aria-busy="true" />;
  const shown = replays.data.find(({ id }) => id === opened) ?? replays.data[0];
  return (
    <section className="replays">
      <p className="quiet">{t("replay.about")}</p>
      {canWrite && (
        <NewReplay
          flow={flow}
          busy={replays.data.some(({ state }) => state === "running")}
          onStarted={(started) => {
            setOpened(started.id);
            void client.invalidateQueries({ queryKey: replaysOf(flow.id) });
          }}
        />
      )}
      {!shown && <EmptyState title={t("replay.none")} hint={t("replay.noneHint")} />}
      {shown && (
        <>
          <nav className="replay-list" aria-label={t("replay.earlier")}>
            {replays.data.map((each) => (
              <Button
                key={each.id}
                size="small"
                type={each.id === shown.id ? "primary" : "default"}
                aria-pressed={each.id === shown.id}
                onClick={() => setOpened(each.id)}
              >
                <Moment iso={each.started_at} /> · {nameOf(each)}
              </Button>
            ))}
          </nav>
          <p data-testid="replay-state">
            <StatusTag tone={TONES[shown.state]}>{t(`replay.state.${shown.state}`)}</StatusTag> {nameOf(shown)} ·{" "}
            <Moment iso={shown.since} /> – <Moment iso={shown.until} /> · {shown.by}
          </p>
          {shown.state === "running" && (
            <div className="replay-progress">
              <Progress percent={Math.floor((shown.done / Math.max(1, shown.total)) * 100)} />
              {canWrite && (
                <Button
                  size="small"
                  onClick={() =>
                    void stopReplay(flow.id, shown.id).finally(() => client.invalidateQueries({ queryKey: replaysOf(flow.id) }))
                  }
                >
                  {t("replay.stop")}
                </Button>
              )}
            </div>
          )}
          <ReplayResult key={shown.id} replay={shown} />
        </>
      )}
    </section>
  );
}

import { CaretRightOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CallDetail } from "../../api/types";
import { OutcomeTag } from "../../calls/OutcomeTag";
import "../../calls/calls.css";
import { Player } from "../../calls/Player";
import { roughly } from "../../ui/time";
import { EntryHead } from "./EntryHead";

/** A call of the case; what can be heard is fetched when it is asked for. */
export function CallEntry({ call, canPlay }: { call: CallDetail; canPlay: boolean }) {
  const { t, i18n } = useTranslation();
  const [playing, setPlaying] = useState(false);
  const heard = call.recording !== null || call.voicemail !== null;
  return (
    <>
      <EntryHead title={t("casePage.course.call")} who={call.agents.join(", ")} at={call.started_at}>
        <OutcomeTag outcome={call.outcome} />
        {call.talk_seconds > 0 && <span className="quiet">{roughly(call.talk_seconds, i18n.language)}</span>}
      </EntryHead>
      <div className="entry-buttons">
        {canPlay && heard && !playing && (
          <Button size="small" icon={<CaretRightOutlined />} onClick={() => setPlaying(true)} data-testid="course-play">
            {t("casePage.course.play")}
          </Button>
        )}
        <Link to={`/calls?call=${encodeURIComponent(call.call_id)}`}>{t("casePage.course.callOpen")}</Link>
      </div>
      {playing && call.recording && <Player callId={call.call_id} recording={call.recording} title={t("player.title")} />}
      {playing && call.voicemail && <Player callId={call.call_id} recording={call.voicemail} title={t("player.voicemail")} />}
    </>
  );
}

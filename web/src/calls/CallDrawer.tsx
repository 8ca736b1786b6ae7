import { DownOutlined, UpOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { App, Button, Drawer, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import type { CallDetail } from "../api/types";
import { words } from "../app/words";
import { Failed } from "../ui/Failed";
import { fullMoment, roughly } from "../ui/time";
import { useCallerNumber } from "../ui/useCallerNumber";
import { noPlayerNote } from "./noPlayerNote";
import { OutcomeTag } from "./OutcomeTag";
import { Player } from "./Player";
import { Timeline } from "./Timeline";

interface Props {
  callId: string | null;
  canUnmask: boolean;
  canPlay: boolean;
  previous: string | null;
  next: string | null;
  onShow: (callId: string | null) => void;
}

/** One call, whole: facts, what can be heard, course, attempts, cases. */
export function CallDrawer({ callId, canUnmask, canPlay, previous, next, onShow }: Props) {
  const { t } = useTranslation();
  const detail = useQuery({
    queryKey: ["calls", "detail", callId],
    queryFn: () => unwrap(api.GET("/api/calls/{call_id}", { params: { path: { call_id: callId ?? "" } } })),
    enabled: callId !== null,
  });
  const step = (to: string | null, label: string, icon: React.ReactNode) => (
    <Button type="text" size="small" icon={icon} aria-label={label} title={label} disabled={to === null} onClick={() => onShow(to)} />
  );
  return (
    <Drawer
      open={callId !== null}
      onClose={() => onShow(null)}
      size={520}
      title={t("detail.title")}
      closable={{ "aria-label": t("common.close") }}
      extra={
        <>
          {step(previous, t("calls.previous"), <UpOutlined />)}
          {step(next, t("calls.next"), <DownOutlined />)}
        </>
      }
      data-testid="call-drawer"
    >
      {detail.isPending && <Skeleton active />}
      {detail.isError && <Failed error={detail.error} onRetry={() => void detail.refetch()} />}
      {detail.data && (
        <div className="detail" key={detail.data.call_id}>
          <Head call={detail.data} canUnmask={canUnmask} />
          <Sound call={detail.data} canPlay={canPlay} />
          <Facts call={detail.data} />
          <Cases call={detail.data} />
          <Timeline call={detail.data} />
        </div>
      )}
    </Drawer>
  );
}

function Head({ call, canUnmask }: { call: CallDetail; canUnmask: boolean }) {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const shown = useCallerNumber();
  const unmask = useMutation({
    mutationFn: () => unwrap(api.POST("/api/calls/{call_id}/unmask", { params: { path: { call_id: call.call_id } } })),
    onError: (error) => void message.error(words(error)),
  });
  const number = unmask.data?.caller_number ?? call.caller_number;
  const masked = number.includes("*");
  return (
    <div className="detail-head">
      <div>
        <strong className="caller-number" data-testid="detail-number">
          {shown(number, call.entry)}
        </strong>
        {canUnmask && masked && (
          <Button
            size="small"
            type="link"
            loading={unmask.isPending}
            onClick={() =>
              void modal.confirm({
                title: t("calls.unmask"),
                content: t("calls.unmaskNote"),
                okText: t("calls.unmaskYes"),
                cancelText: t("common.cancel"),
                onOk: () => unmask.mutate(),
              })
            }
            data-testid="unmask"
          >
            {t("calls.unmask")}
          </Button>
        )}
      </div>
      <span>{[call.enterprise_name, call.caller_name].filter(Boolean).join(" · ")}</span>
      <span className="tags">
        <OutcomeTag outcome={call.outcome} />
        {call.survey !== null && <span className="tag">{t(`survey.${call.survey}`)}</span>}
      </span>
    </div>
  );
}

/** What can be heard of the call: the talk, the message left, or why there is neither. */
function Sound({ call, canPlay }: { call: CallDetail; canPlay: boolean }) {
  const { t } = useTranslation();
  if (!canPlay || (call.recording === null && call.voicemail === null)) {
    return (
      <p className="quiet" data-testid="no-player">
        {t(`detail.${noPlayerNote(call)}`, { at: fullMoment(call.recording_removed_at) })}
      </p>
    );
  }
  return (
    <>
      {call.recording && <Player callId={call.call_id} recording={call.recording} title={t("player.title")} />}
      {call.voicemail && <Player callId={call.call_id} recording={call.voicemail} title={t("player.voicemail")} />}
    </>
  );
}

function Facts({ call }: { call: CallDetail }) {
  const { t, i18n } = useTranslation();
  const length = (seconds: number | null) => (seconds === null ? null : roughly(seconds, i18n.language));
  const say = (group: string, code: string | null) =>
    code === null ? null : i18n.exists(`${group}.${code}`) ? t(`${group}.${code}`) : code;
  // Q.850: 16 is the ordinary end of a call, and says nothing.
  const cause = call.cause && call.cause !== 16 ? t("detail.cause", { cause: call.cause }) : null;
  const facts: [string, string | null][] = [
    [t("calls.started"), fullMoment(call.started_at)],
    [t("detail.entry"), say("entry", call.entry)],
    [t("detail.dialed"), call.dialed],
    [t("calls.queue"), say("queue", call.queue)],
    [t("calls.handled"), call.agents.join(", ") || null],
    [t("detail.waited"), length(call.waited_seconds)],
    [t("calls.talk"), length(call.talk_seconds)],
    [t("detail.hold"), call.hold_seconds ? length(call.hold_seconds) : null],
    [t("detail.ended"), [say("detail.endedBy", call.ended_by), cause].filter(Boolean).join(" · ") || null],
    [t("detail.flow"), call.flow ? t("detail.flowVersion", { flow: call.flow, version: call.flow_version ?? "—" }) : null],
    [t("calls.callId"), call.call_id],
  ];
  return (
    <dl className="detail-facts">
      {facts.map(([name, value]) =>
        value ? (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}

function Cases({ call }: { call: CallDetail }) {
  const { t, i18n } = useTranslation();
  return (
    <section>
      <h2>{t("calls.cases")}</h2>
      {call.cases.length === 0 && <p className="quiet">{t("detail.noCases")}</p>}
      <ul className="detail-cases">
        {call.cases.map((row) => (
          <li key={row.id}>
            <span className="tag">{i18n.exists(`caseState.${row.state}`) ? t(`caseState.${row.state}`) : row.state}</span>
            <Link className="code" to={`/cases/${row.number}`}>
              {row.number}
            </Link>
            <span className="quiet">{row.title || t("case.untitled")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Button, Tabs } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useEdit } from "../admin/useEdit";
import { api, listPage, unwrap } from "../api/client";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { Moment } from "../ui/Moment";
import { PageHead } from "../ui/PageHead";
import { type Column, DataTable } from "../ui/table/DataTable";
import { ChoiceFilter, TextFilter } from "../ui/table/filters";
import { useTable } from "../ui/table/useTable";
import { MessageState } from "./MessageState";
import "./notices.css";
import type { OutgoingMessage } from "./notices";
import { pageOf } from "./subject";
import { Templates } from "./Templates";

const MESSAGES = ["messages"];
const STATES = ["waiting", "sent", "dead"] as const;
const CHANNELS = ["sms", "webhook"] as const;

/** What left the house, what did not and why; and the words of all notices. */
export default function MessagesPage({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const mayEdit = may(user, "template.write");
  const tab = mayEdit && params.get("tab") === "templates" ? "templates" : "messages";
  return (
    <div className="page">
      <PageHead title={t("section.messages")} lead={t("section.messagesDoes")} />
      {mayEdit ? (
        <Tabs
          activeKey={tab}
          onChange={(chosen) => setParams(chosen === "messages" ? {} : { tab: chosen }, { replace: true })}
          destroyOnHidden
          items={[
            { key: "messages", label: t("messages.tab.messages"), children: <Messages user={user} /> },
            { key: "templates", label: t("messages.tab.templates"), children: <Templates /> },
          ]}
        />
      ) : (
        <Messages user={user} />
      )}
    </div>
  );
}

function Messages({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const edit = useEdit(MESSAGES);
  const [asking, setAsking] = useState<OutgoingMessage | null>(null);
  const summary = useQuery({ queryKey: [...MESSAGES, "summary"], queryFn: () => unwrap(api.GET("/api/messages/summary")) });
  const isOneOf = (values: readonly string[]) => (value: string) => values.includes(value);
  const table = useTable<OutgoingMessage>({
    name: MESSAGES[0]!,
    filters: ["state", "channel", "number"],
    accepts: { state: isOneOf(STATES), channel: isOneOf(CHANNELS) },
    load: (query) => listPage(api.GET("/api/messages", { params: { query } })),
  });
  const { filters } = table.address;
  const columns: Column<OutgoingMessage>[] = [
    { key: "when", title: t("messages.when"), render: (_, row) => <Moment iso={row.created_at} /> },
    {
      key: "about",
      title: t("messages.about"),
      render: (_, row) => (
        <div className="message-about">
          {t(`noticeKind.${row.kind}`)} <Subject user={user} row={row} />
        </div>
      ),
    },
    {
      key: "state",
      title: t("messages.stateWord"),
      render: (_, row) => (
        <>
          <MessageState message={row} />
          {row.state === "dead" && (
            <Button size="small" onClick={() => setAsking(row)} data-testid="message-resend">
              {t("messages.resend")}
            </Button>
          )}
        </>
      ),
    },
    { key: "channel", title: t("messages.channelWord"), render: (_, row) => t(`messages.channel.${row.channel}`) },
    { key: "recipient", title: t("messages.recipient"), render: (_, row) => <div className="message-about">{row.recipient}</div> },
    { key: "text", title: t("messages.text"), render: (_, row) => <div className="message-text">{row.text || "—"}</div> },
  ];
  const send = (row: OutgoingMessage) =>
    edit(
      unwrap(api.POST("/api/messages/{message_id}/resend", { params: { path: { message_id: row.id } }, body: { version: row.version } })),
    );
  return (
    <>
      {summary.data && (
        <p className="quiet" data-testid="messages-summary">
          {t("messages.summary", {
            sms: t(`messages.provider.${summary.data.sms}`),
            webhooks: summary.data.webhooks.length,
            waiting: summary.data.waiting,
            dead: summary.data.dead,
          })}
        </p>
      )}
      <DataTable<OutgoingMessage>
        table={table}
        columns={columns}
        rowKey={(row) => row.id}
        label={t("section.messages")}
        filters={
          <>
            <ChoiceFilter
              value={filters.state}
              label={t("messages.stateWord")}
              options={STATES.map((value) => ({ value, label: t(`messages.state.${value}`) }))}
              onChange={(state) => table.filter({ state })}
              testId="messages-state"
            />
            <ChoiceFilter
              value={filters.channel}
              label={t("messages.channelWord")}
              options={CHANNELS.map((value) => ({ value, label: t(`messages.channel.${value}`) }))}
              onChange={(channel) => table.filter({ channel })}
            />
            <TextFilter value={filters.number} label={t("messages.number")} onChange={(number) => table.filter({ number: number.slice(0, 32) })} />
          </>
        }
        empty={{ title: t("messages.none"), hint: t("messages.noneHint") }}
      />
      <ConfirmWithReason
        open={asking !== null}
        title={t("messages.resendTitle")}
        text={t("messages.resendText")}
        okText={t("messages.resend")}
        onConfirm={() => (asking ? send(asking) : Promise.resolve())}
        onClose={() => setAsking(null)}
      />
    </>
  );
}

/** Who runs the system sees no caller's case: for them its number is a word. */
function Subject({ user, row }: { user: SessionUser; row: OutgoingMessage }) {
  const page = may(user, "case.read") ? pageOf(row) : null;
  return page ? <Link to={page}>{row.subject_number}</Link> : <>{row.subject_number}</>;
}

import { AudioOutlined, MessageOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Empty, Table, type TableColumnsType } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { api, unwrap } from "../api/client";
import { may } from "../api/session";
import type { CallRow, SessionUser } from "../api/types";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { duration } from "../ui/time";
import { CallerCell } from "./CallerCell";
import { CallDrawer } from "./CallDrawer";
import "./calls.css";
import { Filters } from "./Filters";
import { queryOf, readFilters, writeFilters } from "./filters";
import { OutcomeTag } from "./OutcomeTag";

const PAGE = 50;

export default function CallsPage({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const filters = readFilters(params);
  const open = params.get("call");
  const query = queryOf(filters);
  const calls = useInfiniteQuery({
    queryKey: ["calls", "log", query],
    queryFn: ({ pageParam }) =>
      unwrap(api.GET("/api/calls", { params: { query: { ...query, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
  });
  const rows = calls.data?.pages.flatMap((page) => page.items) ?? [];
  const total = calls.data?.pages[0]?.total ?? null;

  useEffect(() => {
    document.title = `${t("calls.title")} · ${t("app.name")}`;
  }, [t]);

  function show(callId: string | null) {
    const next = writeFilters(filters);
    if (callId) next.set("call", callId);
    setParams(next, { replace: open !== null });
  }
  const at = rows.findIndex((row) => row.call_id === open);

  return (
    <div className="calls">
      <div className="calls-head">
        <h1>{t("calls.title")}</h1>
        {total !== null && <span className="quiet">{t("calls.total", { count: total })}</span>}
      </div>
      <Filters
        filters={filters}
        canExport={may(user, "call.export")}
        onChange={(next) => setParams(writeFilters(next), { replace: true })}
      />
      {calls.isError && rows.length === 0 ? (
        <Failed error={calls.error} title={t("calls.failed")} onRetry={() => void calls.refetch()} />
      ) : (
        <div className="calls-table" aria-busy={calls.isFetching}>
          <CallTable rows={rows} loading={calls.isPending} open={open} onOpen={show} />
          {calls.hasNextPage && (
            <Button block loading={calls.isFetchingNextPage} onClick={() => void calls.fetchNextPage()} data-testid="calls-more">
              {t("common.more")}
            </Button>
          )}
        </div>
      )}
      <CallDrawer
        callId={open}
        canUnmask={may(user, "number.unmask")}
        canPlay={may(user, "recording.play")}
        previous={at > 0 ? (rows[at - 1]?.call_id ?? null) : null}
        next={at >= 0 ? (rows[at + 1]?.call_id ?? null) : null}
        onShow={show}
      />
    </div>
  );
}

interface TableProps {
  rows: CallRow[];
  loading: boolean;
  open: string | null;
  onOpen: (callId: string) => void;
}

function CallTable({ rows, loading, open, onOpen }: TableProps) {
  const { t, i18n } = useTranslation();
  const time = (seconds: number | null) => (seconds === null ? "—" : duration(seconds));
  const columns: TableColumnsType<CallRow> = [
    {
      title: t("calls.started"),
      width: 132,
      render: (_, row) => (
        <button
          type="button"
          className="open-call"
          onClick={() => onOpen(row.call_id)}
          data-testid={`call-${row.call_id}`}
        >
          <Moment iso={row.started_at} />
        </button>
      ),
    },
    {
      title: t("calls.caller"),
      width: 240,
      render: (_, row) => <CallerCell row={row} />,
    },
    { title: t("calls.outcome"), width: 128, render: (_, row) => <OutcomeTag outcome={row.outcome} /> },
    {
      title: t("calls.queue"),
      width: 124,
      render: (_, row) => (row.queue ? (i18n.exists(`queue.${row.queue}`) ? t(`queue.${row.queue}`) : row.queue) : "—"),
    },
    { title: t("calls.handled"), width: 100, render: (_, row) => row.agents.join(", ") || "—" },
    { title: t("calls.waited"), width: 76, align: "right", render: (_, row) => time(row.waited_seconds) },
    { title: t("calls.talk"), width: 76, align: "right", render: (_, row) => time(row.talk_seconds) },
    {
      title: t("calls.survey"),
      width: 110,
      render: (_, row) => (row.survey === null ? <span className="quiet">—</span> : t(`survey.${row.survey}`)),
    },
    {
      title: t("calls.cases"),
      width: 170,
      render: (_, row) => (
        <span className="cell-cases">
          {row.case_numbers.length === 0
            ? "—"
            : row.case_numbers.map((number) => (
                <Link key={number} to={`/cases/${number}`} onClick={(event) => event.stopPropagation()}>
                  {number}
                </Link>
              ))}
        </span>
      ),
    },
    {
      title: t("calls.recording"),
      width: 96,
      align: "center",
      render: (_, row) => (
        <span className="cell-sound">
          {row.has_recording && <AudioOutlined title={t("calls.recording")} aria-label={t("calls.recording")} />}
          {row.has_voicemail && <MessageOutlined title={t("calls.voicemail")} aria-label={t("calls.voicemail")} />}
        </span>
      ),
    },
  ];
  return (
    <Table<CallRow>
      size="small"
      rowKey="call_id"
      columns={columns}
      dataSource={rows}
      loading={loading}
      pagination={false}
      sticky
      scroll={rows.length > 0 ? { x: 1160 } : undefined}
      rowClassName={(row) => (row.call_id === open ? "call-row open" : "call-row")}
      onRow={(row) => ({ onClick: () => onOpen(row.call_id) })}
      locale={{
        emptyText: loading ? (
          " "
        ) : (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("calls.empty")}>
            <span className="quiet">{t("calls.emptyHint")}</span>
          </Empty>
        ),
      }}
    />
  );
}

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, listPage, unwrap } from "../api/client";
import { Waiting } from "../app/Waiting";
import { words } from "../app/words";
import { EmptyState } from "../ui/EmptyState";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { type NoticeRow, NOTICES } from "./notices";
import { pageOf } from "./subject";

/** One's own notices, newest first; opening one marks it as read. */
export function NoticeList({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [unread, setUnread] = useState(true);
  const query = useInfiniteQuery({
    queryKey: [...NOTICES, "list", unread],
    queryFn: ({ pageParam }) =>
      listPage(api.GET("/api/notices", { params: { query: { unread, limit: 30, ...(pageParam !== "" && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 0,
  });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const newest = rows[0];
  const done = (marked: Promise<unknown>) =>
    marked
      .then(() => client.invalidateQueries({ queryKey: NOTICES }))
      .catch((error: unknown) => void message.error(words(error)));
  const read = (row: NoticeRow) =>
    row.read ? undefined : void done(unwrap(api.POST("/api/notices/{notice_id}/read", { params: { path: { notice_id: row.id } } })));
  return (
    <>
      <div className="notice-bar">
        <Segmented
          value={unread ? "unread" : "all"}
          options={[
            { value: "unread", label: t("notices.unread") },
            { value: "all", label: t("notices.all") },
          ]}
          onChange={(chosen) => setUnread(chosen === "unread")}
        />
        <Button
          type="link"
          disabled={!rows.some((row) => !row.read)}
          onClick={() => newest && void done(unwrap(api.POST("/api/notices/read", { body: { up_to: newest.id } })))}
          data-testid="notices-read-all"
        >
          {t("notices.readAll")}
        </Button>
      </div>
      {query.isPending && <Waiting />}
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && rows.length === 0 && (
        <EmptyState title={t(unread ? "notices.none" : "notices.noneAll")} hint={t("notices.noneHint")} />
      )}
      <ul className="notice-list">
        {rows.map((row) => (
          <One key={row.id} row={row} onOpen={() => (read(row), onLeave())} onRead={() => read(row)} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button block loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t("notices.more")}
        </Button>
      )}
    </>
  );
}

function One({ row, onOpen, onRead }: { row: NoticeRow; onOpen: () => void; onRead: () => void }) {
  const { t, i18n } = useTranslation();
  const page = pageOf(row);
  const text = i18n.language === "en" ? row.text_en : row.text_zh;
  const what = (
    <>
      <span className="only-spoken">{row.read ? "" : t("notices.unread")}</span>
      <span className="notice-text">{text}</span>
      <small>
        {t(`noticeKind.${row.kind}`)} · <Moment iso={row.at} />
      </small>
    </>
  );
  return (
    <li data-read={row.read} data-testid="notice">
      {page ? (
        <Link to={page} onClick={onOpen}>
          {what}
        </Link>
      ) : (
        <button type="button" onClick={onRead}>
          {what}
        </button>
      )}
    </li>
  );
}

import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Modal } from "antd";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { may, useSession } from "../../api/session";
import { Failed } from "../../ui/Failed";
import { Moment } from "../../ui/Moment";
import { CallPaths } from "./CallPaths";
import { loadReplayedCalls, type Replay, replaysOf, type ShiftCount } from "./replays";

interface Props {
  replay: Replay;
  shift: ShiftCount;
  says: (fate: string) => string;
  onClose: () => void;
}

/** The calls behind one row. */
export function ReplayedCalls({ replay, shift, says, onClose }: Props) {
  const { t } = useTranslation();
  const user = useSession().data?.user;
  const mayOpen = user !== undefined && may(user, "call.read");
  const { before, after } = shift;
  const [opened, setOpened] = useState("");
  const calls = useInfiniteQuery({
    queryKey: [...replaysOf(replay.flow_id), replay.id, before, after, replay.done],
    queryFn: ({ pageParam }) =>
      loadReplayedCalls(replay.flow_id, replay.id, { before, after, limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  const seconds = (value: number | null) => (value === null ? "—" : t("replay.seconds", { value: Math.round(value) }));
  const rows = calls.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Modal open width={760} title={`${says(before)} → ${says(after)}`} footer={null} onCancel={onClose} destroyOnHidden>
      {calls.isError && <Failed error={calls.error} onRetry={() => void calls.refetch()} />}
      <table className="replay-table" data-testid="replayed-calls">
        <thead>
          <tr>
            <th scope="col">{t("replay.call")}</th>
            <th scope="col">{t("replay.personBefore")}</th>
            <th scope="col">{t(after === "unforeseen" ? "replay.asksAt" : "replay.personAfter")}</th>
            <th scope="col">{t("replay.path")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Fragment key={row.call_id}>
              <tr>
                <td>
                  {mayOpen ? (
                    <Link to={`/calls?call=${encodeURIComponent(row.call_id)}`}>
                      <Moment iso={row.started_at} />
                    </Link>
                  ) : (
                    <Moment iso={row.started_at} />
                  )}
                </td>
                <td>{seconds(row.person_before)}</td>
                <td>{row.unforeseen || seconds(row.person_after)}</td>
                <td>
                  <Button
                    type="link"
                    size="small"
                    aria-expanded={opened === row.call_id}
                    onClick={() => setOpened(opened === row.call_id ? "" : row.call_id)}
                  >
                    {t("replay.showPath")}
                  </Button>
                </td>
              </tr>
              {opened === row.call_id && (
                <tr>
                  <td colSpan={4}>
                    <CallPaths replay={replay} callId={row.call_id} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
      {calls.hasNextPage && (
        <Button onClick={() => void calls.fetchNextPage()} loading={calls.isFetchingNextPage}>
          {t("replay.more")}
        </Button>
      )}
    </Modal>
  );
}

import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { StatusTag } from "../../ui/StatusTag";
import { ReplayedCalls } from "./ReplayedCalls";
import type { QueueLoad, Replay, ShiftCount } from "./replays";

/** The shifts, each opening to its calls; seconds to a person; the queues. */
export function ReplayResult({ replay }: { replay: Replay }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<ShiftCount | null>(null);
  const { summary } = replay;
  const shifts = summary.shifts.filter(({ before, after }) => before !== after);
  const same = summary.shifts.filter(({ before, after }) => before === after).reduce((sum, { calls }) => sum + calls, 0);
  const says = (fate: string) => t(fate === "unforeseen" ? "replay.unforeseen" : `outcome.${fate}`);
  const seconds = (value: number | null) => (value === null ? "—" : t("replay.seconds", { value: Math.round(value) }));
  if (summary.calls === 0) return null;
  return (
    <div className="replay-result" data-testid="replay-result">
      <p>
        <strong>{t("replay.found", { calls: summary.calls, touched: summary.touched })}</strong>{" "}
        {shifts.length === 0 ? <StatusTag tone="green">{t("replay.noShift")}</StatusTag> : t("replay.same", { count: same })}
      </p>
      {shifts.length > 0 && (
        <table className="replay-table" data-testid="replay-shifts">
          <thead>
            <tr>
              <th scope="col">{t("replay.before")}</th>
              <th scope="col">{t("replay.after")}</th>
              <th scope="col">{t("replay.count")}</th>
            </tr>
          </thead>
          <tbody>
            {shifts.map((shift) => (
              <tr key={`${shift.before} ${shift.after}`}>
                <td>{says(shift.before)}</td>
                <td>{says(shift.after)}</td>
                <td>
                  <Button type="link" size="small" onClick={() => setOpened(shift)} data-testid={`shift-${shift.before}-${shift.after}`}>
                    {t("replay.open", { count: shift.calls })}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {summary.unforeseen.length > 0 && (
        <p className="quiet">
          {t("replay.unforeseenText")}{" "}
          {summary.unforeseen.map(({ node, calls }) => t("replay.atNode", { node, calls })).join(t("replay.comma"))}
        </p>
      )}
      <table className="replay-table" data-testid="replay-person">
        <thead>
          <tr>
            <th scope="col">{t("replay.person")}</th>
            <th scope="col">{t("replay.before")}</th>
            <th scope="col">{t("replay.after")}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t("replay.reached")}</th>
            <td>{summary.person.before.calls}</td>
            <td>{summary.person.after.calls}</td>
          </tr>
          <tr>
            <th scope="row">{t("replay.median")}</th>
            <td>{seconds(summary.person.before.median)}</td>
            <td>{seconds(summary.person.after.median)}</td>
          </tr>
          <tr>
            <th scope="row">{t("replay.p90")}</th>
            <td>{seconds(summary.person.before.p90)}</td>
            <td>{seconds(summary.person.after.p90)}</td>
          </tr>
          {Object.entries(summary.queues).map(([queue, { before, after }]) => (
            <tr key={queue}>
              <th scope="row">{t("replay.queue", { queue })}</th>
              <td>{load(before)}</td>
              <td>{load(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {Object.keys(summary.left_out).length > 0 && (
        <p className="quiet">
          {t("replay.leftOut")}{" "}
          {Object.entries(summary.left_out)
            .map(([reason, calls]) => t(`replay.reason.${reason}`, { calls }))
            .join(t("replay.comma"))}
        </p>
      )}
      {opened && <ReplayedCalls replay={replay} shift={opened} says={says} onClose={() => setOpened(null)} />}
    </div>
  );

  function load({ calls, busiest_hour, answered }: QueueLoad): string {
    return t("replay.load", { calls, answered, hour: busiest_hour });
  }
}

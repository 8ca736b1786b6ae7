import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Failed } from "../../ui/Failed";
import { loadPaths, type PathNode, type Replay, replaysOf } from "./replays";

/** Node by node, where a call went and where it would have gone; what only one of the two passes is set off. */
export function CallPaths({ replay, callId }: { replay: Replay; callId: string }) {
  const { t } = useTranslation();
  const paths = useQuery({
    queryKey: [...replaysOf(replay.flow_id), replay.id, "paths", callId],
    queryFn: () => loadPaths(replay.flow_id, replay.id, callId),
    staleTime: Infinity,
  });
  if (paths.isError) return <Failed error={paths.error} onRetry={() => void paths.refetch()} />;
  if (!paths.data) return <p aria-busy="true" />;
  const { before, after } = paths.data;
  return (
    <div className="replay-paths" data-testid="replay-paths">
      <Path title={t("replay.before")} path={before} other={after} />
      <Path title={t("replay.after")} path={after} other={before} />
    </div>
  );
}

function Path({ title, path, other }: { title: string; path: PathNode[]; other: PathNode[] }) {
  const { t } = useTranslation();
  return (
    <section>
      <h3>{title}</h3>
      <ol>
        {path.map(({ node, at }, place) => (
          <li key={`${place} ${node}`}>
            {other.some((each) => each.node === node) ? node : <mark>{node}</mark>}{" "}
            <span className="quiet">{t("replay.seconds", { value: Math.round(at) })}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

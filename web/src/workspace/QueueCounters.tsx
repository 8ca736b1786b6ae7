import { useTranslation } from "react-i18next";
import { duration, elapsed } from "../ui/time";
import { useNow } from "../ui/useNow";
import { useWorkspace } from "./store";

/** From here on a waiting caller has waited too long (GB/T 33358: answered within 15 seconds). */
const LATE_SECONDS = 15;

export function QueueCounters() {
  const { t, i18n } = useTranslation();
  const queues = useWorkspace((workspace) => workspace.queues);
  const offset = useWorkspace((workspace) => workspace.clockOffset);
  const now = useNow() + offset;
  return (
    <ul className="queues" data-testid="queues">
      {queues.map((queue) => {
        const wait = elapsed(queue.longest_wait_since, now);
        const late = queue.waiting > 0 && wait > LATE_SECONDS;
        return (
          <li key={queue.name} className="queue" data-late={late} data-testid={`queue-${queue.name}`}>
            <span className="queue-name">{i18n.language === "en" ? queue.label_en : queue.label_zh}</span>
            <span className="queue-figures">
              <strong>{t("agent.waiting", { count: queue.waiting })}</strong>
              {queue.waiting > 0 && <span>{t("agent.longest", { time: duration(wait) })}</span>}
              <span>{t("agent.readyCount", { count: queue.ready })}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

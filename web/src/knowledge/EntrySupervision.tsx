import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { SUPERVISION } from "../supervision/supervision";
import { tasksAbout } from "../supervision/supervisionApi";
import { TaskDetail } from "../supervision/TaskDetail";

/** What holds the unit to the entry's review; nothing where it does not. */
export function EntrySupervision({ id }: { id: string }) {
  const { t } = useTranslation();
  const tasks = useQuery({ queryKey: [...SUPERVISION, "entry", id], queryFn: () => tasksAbout(id) });
  const rows = tasks.data?.items ?? [];
  if (rows.length === 0) return null;
  return (
    <section className="entry-card" aria-labelledby="entry-supervision" data-testid="entry-supervision">
      <h2 id="entry-supervision">
        <Link to="/supervision">{t("section.supervision")}</Link>
      </h2>
      {rows.map((task) => (
        <TaskDetail key={task.id} task={task} />
      ))}
    </section>
  );
}

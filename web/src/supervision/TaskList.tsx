import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import type { SessionUser } from "../api/types";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { SideDrawer } from "../ui/SideDrawer";
import { oneOf } from "../ui/table/address";
import { type Column, DataTable } from "../ui/table/DataTable";
import { ChoiceFilter } from "../ui/table/filters";
import { useTable } from "../ui/table/useTable";
import { mayIssue, pageOfSubject, SUPERVISION, type SupervisionTask, TASK_STATES } from "./supervision";
import { loadTask, loadTasks } from "./supervisionApi";
import { TaskDetail, TaskDue, TaskState } from "./TaskDetail";

/** Supervision tasks, the most pressing first; one is open beside the list. */
export function TaskList({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const { id } = useParams();
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const at = (path: string) => `${path}${params.size > 0 ? `?${params}` : ""}`;
  const table = useTable<SupervisionTask>({
    name: SUPERVISION[0]!,
    filters: ["state"],
    accepts: { state: oneOf(TASK_STATES) },
    load: loadTasks,
  });
  const columns: Column<SupervisionTask>[] = [
    {
      key: "case",
      title: t("supervision.subject"),
      render: (_, task) => (
        <Link className={task.case_number === null ? undefined : "code"} to={pageOfSubject(task)}>
          {task.case_number ?? t("supervision.entry")}
        </Link>
      ),
    },
    { key: "due", title: t("supervision.due"), render: (_, task) => <TaskDue task={task} /> },
    { key: "state", title: t("supervision.stateTitle"), render: (_, task) => <TaskState task={task} /> },
    { key: "unit", title: t("supervision.unit"), ellipsis: true, width: 150, render: (_, task) => task.unit_name },
    { key: "demand", title: t("supervision.demand"), ellipsis: true, width: 280, render: (_, task) => task.demand },
    { key: "title", title: t("supervision.title"), ellipsis: true, width: 180, render: (_, task) => task.title || "—" },
    { key: "issued", title: t("supervision.issued"), render: (_, task) => <Moment iso={task.issued_at} /> },
  ];
  return (
    <>
      <DataTable<SupervisionTask>
        table={table}
        columns={columns}
        rowKey={(task) => task.id}
        rowLink={(task) => at(`/supervision/${task.id}`)}
        label={t("supervision.tasks")}
        card={(task) => (
          <Link className="list-card" to={at(`/supervision/${task.id}`)}>
            <span className="list-card-head">
              <span className="code">{task.case_number ?? t("supervision.entry")}</span>
              <TaskState task={task} />
            </span>
            <strong>{task.case_number === null ? task.title : task.demand}</strong>
            <span className="list-card-foot">
              <span className="quiet">{task.unit_name}</span>
              <TaskDue task={task} />
            </span>
          </Link>
        )}
        filters={
          <ChoiceFilter
            value={table.address.filters.state}
            label={t("supervision.open")}
            options={TASK_STATES.map((value) => ({ value, label: t(`supervision.state.${value}`) }))}
            onChange={(state) => table.filter({ state })}
            testId="task-state"
          />
        }
        empty={{ title: t("supervision.none"), hint: t(mayIssue(user) ? "supervision.noneIssue" : "supervision.noneHint") }}
      />
      <SideDrawer
        open={id !== undefined}
        title={t("supervision.task")}
        onClose={() => void navigate(at("/supervision"))}
        testId="task-drawer"
      >
        {id !== undefined && <OneTask id={id} />}
      </SideDrawer>
    </>
  );
}

function OneTask({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: [...SUPERVISION, "task", id], queryFn: () => loadTask(id) });
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return null;
  const { case_number: number, title } = query.data;
  return (
    <>
      <p className="task-case">
        <Link to={pageOfSubject(query.data)} data-testid="task-subject">
          {number !== null && <span className="code">{number}</span>} {title}
        </Link>
        <br />
        <span className="quiet">{t(number === null ? "supervision.entryHint" : "supervision.caseHint")}</span>
      </p>
      <TaskDetail task={query.data} />
    </>
  );
}

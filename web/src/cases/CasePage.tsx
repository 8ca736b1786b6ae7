import { Button, Drawer, Grid } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate } from "react-router";
import { isProblem } from "../api/problem";
import type { SessionUser } from "../api/types";
import { Waiting } from "../app/Waiting";
import { Failed } from "../ui/Failed";
import { PageHead } from "../ui/PageHead";
import "./cases.css";
import { Actions } from "./page/Actions";
import { AssignmentTree } from "./page/AssignmentTree";
import { CaseHead } from "./page/CaseHead";
import { Course } from "./page/Course";
import type { PersonAction } from "./page/forms";
import { offersOf } from "./page/offers";
import "./page/page.css";
import { Subject } from "./page/Subject";
import { useCase } from "./page/useCase";

/** One case, whole: who and what, its course, and what can be done now. `id` is its number or its id. */
export function CasePage({ id, user }: { id: string; user: SessionUser }) {
  const { t } = useTranslation();
  const { query, reload, took } = useCase(id);
  const wide = Grid.useBreakpoint().lg ?? true;
  const [open, setOpen] = useState<PersonAction | null>(null);
  const [shown, setShown] = useState(false);
  if (query.isPending) return <Waiting />;
  if (query.data === undefined) {
    const lost = isProblem(query.error) && [403, 404].includes(query.error.status);
    return (
      <div className="page">
        <PageHead title={t("section.cases")} />
        <Failed error={query.error} title={lost ? t("casePage.gone") : undefined} onRetry={() => void query.refetch()} />
      </div>
    );
  }
  const view = query.data;
  if (id !== view.number) return <Navigate to={`/cases/${view.number}`} replace />;
  const { primary } = offersOf(view);
  const actions = (
    <Actions
      view={view}
      user={user}
      open={open}
      onOpen={setOpen}
      onReload={reload}
      onDone={(after) => {
        took(after);
        setOpen(null);
        setShown(false);
      }}
    />
  );
  return (
    <div className="page case-page" data-testid="case-page">
      <CaseHead view={view} />
      <div className="case-columns">
        <div className="case-column">
          <Subject view={view} user={user} />
        </div>
        <div className="case-column case-middle">
          <AssignmentTree view={view} />
          <Course view={view} user={user} />
        </div>
        {wide && (
          <aside className="case-column case-actions" aria-label={t("casePage.columns.actions")}>
            {actions}
          </aside>
        )}
      </div>
      {!wide && (
        <>
          <div className="case-bar" data-testid="case-bar">
            {primary && (
              <Button
                type="primary"
                size="large"
                onClick={() => {
                  setOpen(primary);
                  setShown(true);
                }}
                data-testid="case-bar-primary"
              >
                {t(`casePage.action.${primary}`)}
              </Button>
            )}
            <Button size="large" onClick={() => setShown(true)} data-testid="case-bar-more">
              {t(primary ? "casePage.actions.more" : "casePage.actions.show")}
            </Button>
          </div>
          <Drawer
            open={shown}
            placement="bottom"
            size="88%"
            title={view.spoken_number}
            onClose={() => setShown(false)}
            closable={{ "aria-label": t("common.close") }}
          >
            {actions}
          </Drawer>
        </>
      )}
    </div>
  );
}

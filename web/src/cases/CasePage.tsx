import { App, Button, Drawer, Grid } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate } from "react-router";
import { isProblem } from "../api/problem";
import type { CaseView, SessionUser } from "../api/types";
import { Waiting } from "../app/Waiting";
import { CaseKnowledge } from "../knowledge/requests/CaseKnowledge";
import { CaseSupervision } from "../supervision/CaseSupervision";
import { Failed } from "../ui/Failed";
import { PageHead } from "../ui/PageHead";
import "./cases.css";
import { Deadlines } from "./Deadlines";
import { Messages } from "./Messages";
import { Actions } from "./page/Actions";
import { AssignmentTree } from "./page/AssignmentTree";
import { CaseHead } from "./page/CaseHead";
import { Course } from "./page/Course";
import { fieldsOf, type PersonAction } from "./page/forms";
import { offersOf } from "./page/offers";
import "./page/page.css";
import { sayRefusal } from "./page/reasons";
import { Related } from "./page/Related";
import { Subject } from "./page/Subject";
import { useCase } from "./page/useCase";
import { useMove } from "./page/useMove";

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
  function showForm(action: PersonAction | null) {
    setOpen(action);
    setShown(true);
  }
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
          <CaseSupervision view={view} user={user} />
          <CaseKnowledge view={view} />
          <Related view={view} onDone={() => void reload()} />
        </div>
        <div className="case-column case-middle">
          <AssignmentTree view={view} />
          <div className="case-card">
            <Deadlines deadlines={view.deadlines} />
          </div>
          <Course view={view} user={user} />
          <div className="case-card">
            <Messages caseId={view.id} />
          </div>
        </div>
        {wide && (
          <aside className="case-column case-actions" aria-label={t("casePage.columns.actions")}>
            {actions}
          </aside>
        )}
      </div>
      {!wide && (
        <>
          <Bar view={view} primary={primary} onOpen={showForm} onDone={took} onReload={reload} />
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

interface BarProps {
  view: CaseView;
  primary: PersonAction | null;
  onOpen: (action: PersonAction | null) => void;
  onDone: (after: CaseView) => void;
  onReload: () => Promise<unknown>;
}

/** On a phone: the next thing to do, within reach of the thumb. */
function Bar({ view, primary, onOpen, onDone, onReload }: BarProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { busy, move } = useMove({ view, onDone, onReload });

  async function act(action: PersonAction) {
    if (fieldsOf(action, {}, view).length > 0) return onOpen(action);
    const error = await move(action, {});
    if (error !== null) void message.error(sayRefusal(error));
  }
  return (
    <div className="case-bar" data-testid="case-bar">
      {primary && (
        <Button type="primary" size="large" loading={busy !== null} onClick={() => void act(primary)} data-testid="case-bar-primary">
          {t(`casePage.action.${primary}`)}
        </Button>
      )}
      <Button size="large" onClick={() => onOpen(null)} data-testid="case-bar-more">
        {t(primary ? "casePage.actions.more" : "casePage.actions.show")}
      </Button>
    </div>
  );
}

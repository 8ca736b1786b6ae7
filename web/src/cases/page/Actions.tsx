import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseView, SessionUser } from "../../api/types";
import { EmptyState } from "../../ui/EmptyState";
import { slotsOf } from "../../workspace/kept";
import { ActionForm, slotOf } from "./ActionForm";
import { Changes } from "./Changes";
import { fieldsOf, type PersonAction } from "./forms";
import { offersOf } from "./offers";
import { sayReason, sayRefusal } from "./reasons";
import { useMove } from "./useMove";

interface Props {
  view: CaseView;
  user: SessionUser;
  /** Whose form is open. */
  open: PersonAction | null;
  onOpen: (action: PersonAction | null) => void;
  onDone: (after: CaseView) => void;
  onReload: () => Promise<unknown>;
}

/** What can be done now: the next thing first, then the rest, then why not. */
export function Actions({ view, user, open, onOpen, onDone, onReload }: Props) {
  const { t } = useTranslation();
  const { busy, move } = useMove({ view, onDone, onReload });
  const [overtaken, setOvertaken] = useState<{ seen: number; error: unknown } | null>(null);
  const { primary, others, grave, refused, elsewhere } = offersOf(view);
  const drafts = new Set(slotsOf(user.id));

  async function choose(action: PersonAction) {
    if (fieldsOf(action, {}, view).length > 0) return onOpen(action);
    const seen = view.version;
    const error = await move(action, {});
    setOvertaken(error === null ? null : { seen, error });
  }
  const button = (action: PersonAction, type: "primary" | "default" = "default") => (
    <li key={action}>
      <Button
        block
        type={type}
        size={type === "primary" ? "large" : "middle"}
        danger={grave.includes(action)}
        loading={busy === action && open === null}
        onClick={() => void choose(action)}
        data-testid={`action-${action}`}
      >
        {t(`casePage.action.${action}`)}
        {drafts.has(slotOf(view, action)) && <span className="quiet"> · {t("casePage.actions.draft")}</span>}
      </Button>
    </li>
  );
  return (
    <div className="case-card" data-testid="case-actions">
      {open !== null && (
        <ActionForm
          key={open}
          view={view}
          user={user}
          action={open}
          busy={busy === open}
          onSend={(body, requestId) => move(open, body, requestId)}
          onClose={() => onOpen(null)}
        />
      )}
      <div hidden={open !== null}>
        <h2>{t("casePage.columns.actions")}</h2>
        {overtaken !== null &&
          (view.version > overtaken.seen ? (
            <Changes view={view} seen={overtaken.seen} onSeen={() => setOvertaken(null)} />
          ) : (
            <Alert type="error" showIcon role="alert" className="form-note" title={sayRefusal(overtaken.error)} />
          ))}
        {primary === null && others.length === 0 && grave.length === 0 && (
          <EmptyState title={t("casePage.actions.none")} hint={t("casePage.actions.noneText")} />
        )}
        <ul className="offers">
          {primary && button(primary, "primary")}
          {others.map((action) => button(action))}
        </ul>
        {grave.length > 0 && (
          <details className="offers-part" data-testid="offers-grave">
            <summary>{t("casePage.actions.grave")}</summary>
            <ul className="offers">{grave.map((action) => button(action))}</ul>
          </details>
        )}
        {refused.length > 0 && (
          <div className="offers-part">
            <h3>{t("casePage.actions.refused")}</h3>
            <ul className="offers offers-refused">
              {refused.map(({ action, reason, detail }) => (
                <li key={action} data-testid={`refused-${action}`}>
                  <strong>{t(`casePage.action.${action}`)}</strong>
                  {sayReason(reason, detail)}
                  {reason === "incomplete" && ` ${view.missing.map((field) => t(`case.fields.${field}`)).join("、")}`}
                </li>
              ))}
            </ul>
          </div>
        )}
        {elsewhere.length > 0 && (
          <details className="offers-part" data-testid="offers-elsewhere">
            <summary>{t("casePage.actions.elsewhere")}</summary>
            <p className="quiet">{elsewhere.map((action) => t(`casePage.action.${action}`)).join("、")}</p>
          </details>
        )}
      </div>
    </div>
  );
}

import { App } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "../../api/problem";
import type { CaseView } from "../../api/types";
import { newId } from "../../ui/newId";
import type { PersonAction } from "./forms";
import { sendMove } from "./request";

/** Somebody was faster: the case is read again, and what they did is shown. */
const OVERTAKEN = new Set(["case.version_conflict", "case.transition", "case.wrong_actor"]);

interface Options {
  view: CaseView;
  onDone: (after: CaseView) => void;
  onReload: () => Promise<unknown>;
}

/** Has actions done. While the same thing is sent its request has one id, so that a double click is one step. */
export function useMove({ view, onDone, onReload }: Options) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const requests = useRef(new Map<PersonAction, string>());
  const [busy, setBusy] = useState<PersonAction | null>(null);

  /** The error, where it is for the caller to show. */
  async function move(action: PersonAction, body: Record<string, unknown>, requestId?: string): Promise<unknown> {
    if (busy !== null) return null;
    const id = requestId ?? requests.current.get(action) ?? newId();
    if (requestId === undefined) requests.current.set(action, id);
    setBusy(action);
    try {
      const after = await sendMove(view.id, action, { version: view.version, requestId: id, body });
      requests.current.delete(action);
      void message.success(t("casePage.actions.done", { action: t(`casePage.action.${action}`) }));
      onDone(after);
      return null;
    } catch (error) {
      if (isProblem(error) && OVERTAKEN.has(error.errorId)) await onReload();
      return error;
    } finally {
      setBusy(null);
    }
  }
  return { busy, move };
}

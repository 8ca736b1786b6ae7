import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { draftsBelongTo } from "./keepers";
import { openWorkspace, useWorkspace } from "./store";
import { useBackToReady } from "./useBackToReady";
import { usePhoneLink } from "./usePhoneLink";
import { useReconnect } from "./reconnect";
import { useRingback } from "./useRingback";
import { useRinging } from "./useRinging";
import { useShortcuts } from "./useShortcuts";
import { useTabLock } from "./useTabLock";

/** The agent's link, phone and bell: alive on every office page, drawn on none. */
export function WorkspaceSession({ userId }: { userId: string }) {
  const { t } = useTranslation();
  const { mine, takeOver } = useTabLock();
  useEffect(() => useWorkspace.setState({ elsewhere: mine === false }), [mine]);
  if (mine === null) return null;
  if (mine) return <Live userId={userId} />;
  return (
    <div className="banner" role="alert" data-testid="workspace-elsewhere">
      <strong>{t("link.elsewhere")}</strong> {t("link.elsewhereText")}{" "}
      <Button size="small" onClick={takeOver}>
        {t("link.takeOver")}
      </Button>
    </div>
  );
}

function Live({ userId }: { userId: string }) {
  const client = useQueryClient();
  const restarts = useWorkspace((workspace) => workspace.restarts);

  // Before the link opens, which brings the call whose draft is looked up.
  useEffect(() => draftsBelongTo(userId), [userId]);

  useEffect(
    () =>
      openWorkspace(() => {
        // A log-in that is over shows as a link that never opens: ask, and leave for the log-in page if so.
        void client.invalidateQueries({ queryKey: ["session"] });
      }),
    [client],
  );

  useEffect(() => {
    if (restarts > 0) void client.invalidateQueries();
  }, [client, restarts]);

  usePhoneLink();
  useRinging();
  useRingback();
  useReconnect();
  useBackToReady();
  useShortcuts();
  useComeToWorkspace();
  return null;
}

/** A ringing phone brings the agent to the page where the caller's record pops up. */
function useComeToWorkspace(): void {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const ringing = useWorkspace((workspace) => workspace.call?.state === "ringing");
  useEffect(() => {
    if (ringing && pathname !== "/workspace") void navigate("/workspace");
    // Only the beginning of the ringing moves the page; afterwards the agent may go where they like.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ringing]);
}

import { App } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useWorkspace } from "./store";

/** Says when the link to the service is away, and that it came back. */
export function LinkBanner() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const link = useWorkspace((workspace) => workspace.link);
  const restarts = useWorkspace((workspace) => workspace.restarts);
  const before = useRef({ link, restarts });

  useEffect(() => {
    const was = before.current;
    if (was.link === "lost" && link === "open") {
      void message.success(t(restarts > was.restarts ? "link.restarted" : "link.restored"));
    }
    before.current = { link, restarts };
  }, [link, restarts, message, t]);

  if (link !== "lost") return null;
  return (
    <div className="banner" role="alert" data-testid="link-lost">
      {navigator.onLine ? t("link.lost") : `${t("link.offline")} · ${t("link.lost")}`}
    </div>
  );
}

import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { create } from "zustand";
import { usePhoneState } from "../phone/usePhone";
import { phone, ringer, useDevices } from "./phone";
import { useWorkspace } from "./store";

/** The browser holds the bell back until the page is touched. */
export const useBell = create<{ blocked: boolean }>(() => ({ blocked: false }));

function notify(title: string, body: string): () => void {
  if (!("Notification" in window) || Notification.permission !== "granted") return () => undefined;
  try {
    const shown = new Notification(title, { body, tag: "hotline-call", icon: "/icon.svg", requireInteraction: true });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
    return () => shown.close();
  } catch {
    // Some phones' browsers allow notifications to service workers only.
    return () => undefined;
  }
}

/** Bell, flashing title and notification while a call rings here; also when the tab is in the background. */
export function useRinging(): void {
  const { t } = useTranslation();
  const { leg, remote } = usePhoneState(phone);
  const call = useWorkspace((workspace) => workspace.call);
  const ringerDevice = useDevices((devices) => devices.ringer);
  const ringing = leg === "incoming";
  const who = call?.enterprise?.name ?? (call?.caller.name || call?.caller.number || remote);

  useEffect(() => {
    if (!ringing) return;
    void ringer.start(ringerDevice).then((heard) => useBell.setState({ blocked: !heard }));
    return () => {
      ringer.stop();
      useBell.setState({ blocked: false });
    };
  }, [ringing, ringerDevice]);

  useEffect(() => {
    if (!ringing) return;
    const before = document.title;
    const title = `${t("phone.ringingTitle")} · ${who}`;
    let on = true;
    document.title = `● ${title}`;
    const timer = setInterval(() => {
      on = !on;
      document.title = `${on ? "●" : "○"} ${title}`;
    }, 1000);
    const close = document.hasFocus() ? () => undefined : notify(title, t("phone.incoming"));
    return () => {
      clearInterval(timer);
      document.title = before;
      close();
    };
  }, [ringing, who, t]);

  useEffect(() => {
    const touched = () => {
      ringer.unblock();
      phone.unblockSound();
      useBell.setState({ blocked: false });
    };
    window.addEventListener("pointerdown", touched);
    window.addEventListener("keydown", touched);
    return () => {
      window.removeEventListener("pointerdown", touched);
      window.removeEventListener("keydown", touched);
    };
  }, []);
}

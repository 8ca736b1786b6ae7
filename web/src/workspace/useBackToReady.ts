import { useEffect } from "react";
import { usePhoneState } from "../phone/usePhone";
import { phone } from "./phone";
import { sendCommand, useWorkspace } from "./store";

const MARK = "hotline.left-ringing";
const WITHIN_MS = 15_000;

/** To be called when the page goes away while a call rings here. */
export function leaveRinging(): void {
  // The caller goes on to the next agent at once, instead of ringing where nobody is.
  phone.hangUp();
  sessionStorage.setItem(MARK, String(Date.now()));
}

/** A reload while it rang counts as a missed call, and pauses; the agent is there, so the pause ends by itself. */
export function useBackToReady(): void {
  const agent = useWorkspace((workspace) => workspace.agent);
  const { registration } = usePhoneState(phone);
  const due = registration === "registered" && agent?.state === "paused" && agent.pause_reason === "missed";
  useEffect(() => {
    const left = Number(sessionStorage.getItem(MARK) ?? 0);
    if (!due || left === 0) return;
    sessionStorage.removeItem(MARK);
    if (Date.now() - left < WITHIN_MS) void sendCommand({ command: "ready" }).catch(() => undefined);
  }, [due]);
}

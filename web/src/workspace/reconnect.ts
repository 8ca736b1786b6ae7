import { useEffect } from "react";
import { create } from "zustand";
import { usePhoneState } from "../phone/usePhone";
import { words } from "../app/words";
import { phone } from "./phone";
import { recovery } from "./recovery";
import { sendCommand, useWorkspace } from "./store";

interface Reconnect {
  callId: string | null;
  working: boolean;
  failed: string | null;
}

export const useReconnectState = create<Reconnect>(() => ({ callId: null, working: false, failed: null }));

/** Asks the service to ring this phone and give it the call back; the phone answers that ring by itself. */
export async function reconnect(callId: string): Promise<void> {
  useReconnectState.setState({ callId, working: true, failed: null });
  try {
    await sendCommand({ command: "reconnect" });
  } catch (error) {
    useReconnectState.setState({ working: false, failed: words(error) });
  }
}

/** After a reload: finds the call that this page's phone does not have, and gets it back, once. */
export function useReconnect(): void {
  const workspace = useWorkspace();
  const state = usePhoneState(phone);
  const todo = recovery({ link: workspace.link, agent: workspace.agent, call: workspace.call, phone: state });
  const callId = workspace.call?.call_id ?? null;

  useEffect(() => {
    phone.reserve(todo !== "none");
    return () => phone.reserve(false);
  }, [todo]);

  useEffect(() => {
    const { callId: tried } = useReconnectState.getState();
    if (todo === "none") {
      if (state.leg === "talking" || callId === null) {
        useReconnectState.setState({ callId: null, working: false, failed: null });
      }
    } else if (todo === "wait") {
      if (tried !== callId) useReconnectState.setState({ callId: null, working: true, failed: null });
    } else if (callId !== null && tried !== callId) {
      void reconnect(callId);
    }
  }, [todo, callId, state.leg]);
}

import { useEffect } from "react";
import { usePhoneState } from "../phone/usePhone";
import { phone, ringback, useDevices } from "./phone";
import { useWorkspace } from "./store";

/** While a specialist's phone rings, the agent hears that it does, where the other voices are heard. */
export function useRingback(): void {
  const { leg } = usePhoneState(phone);
  const ringing = useWorkspace((workspace) => workspace.link === "open" && workspace.call?.threeway?.state === "consult_ringing");
  const speaker = useDevices((devices) => devices.speaker);
  const on = ringing && leg === "talking";
  useEffect(() => {
    if (!on) return;
    void ringback.start(speaker);
    return () => ringback.stop();
  }, [on, speaker]);
}

import { useEffect } from "react";
import { phone } from "./phone";
import { useWorkspace } from "./store";
import { inThreeway } from "./threeway";
import { useHangUp } from "./useHangUp";

const endLeg = () => phone.hangUp();

/** Keys that no browser uses, and that work while the agent types in the form. */
export function useShortcuts(): void {
  const hangUp = useHangUp(endLeg);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return;
      const { leg, muted, held } = phone.state;
      const alone = !inThreeway(useWorkspace.getState().call);
      switch (event.key) {
        case "F2":
          if (leg === "incoming") void phone.answer();
          break;
        case "F4":
          if (leg === "incoming") phone.hangUp();
          else if (leg !== "none") hangUp();
          break;
        case "F8":
          if (leg === "talking" && alone) phone.hold(!held);
          break;
        case "F9":
          if (leg === "talking") phone.mute(!muted);
          break;
        default:
          return;
      }
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [hangUp]);
}

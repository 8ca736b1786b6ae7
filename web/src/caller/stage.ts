import type { PhoneState } from "../phone/machine";

export type CallerStage = "idle" | "preparing" | "asking" | "dialing" | "talking" | "ended";

/** What the caller's page shows. */
export function stageOf(phone: PhoneState, preparing: boolean, ended: boolean): CallerStage {
  switch (phone.leg) {
    case "talking":
      return "talking";
    case "dialing":
      return phone.microphone ? "dialing" : "asking";
    default:
      if (preparing) return "preparing";
      return ended ? "ended" : "idle";
  }
}

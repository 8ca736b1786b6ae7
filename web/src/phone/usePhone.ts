import { useSyncExternalStore } from "react";
import type { PhoneState } from "./machine";
import type { Softphone } from "./softphone";

/** What `phone` is doing, for drawing. */
export function usePhoneState(phone: Softphone): PhoneState {
  return useSyncExternalStore(
    (changed) => phone.subscribe(changed),
    () => phone.state,
  );
}

import { create } from "zustand";
import { JsSipPhone } from "../phone/jssip";
import { makeRinger, ringbackSamples, ringSamples } from "../phone/ringtone";
import type { Devices, Softphone } from "../phone/softphone";

/** The agent's phone: one for the whole page, whatever is drawn. */
export const phone: Softphone = new JsSipPhone();
export const ringer = makeRinger(ringSamples);
export const ringback = makeRinger(ringbackSamples);

const KEPT = "hotline.devices";
const NONE: Devices = { microphone: "", speaker: "", ringer: "" };

function kept(): Devices {
  try {
    return { ...NONE, ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Devices>) };
  } catch {
    return NONE;
  }
}

export const useDevices = create<Devices>(() => kept());

export function chooseDevices(change: Partial<Devices>): void {
  useDevices.setState(change);
  const devices = useDevices.getState();
  try {
    localStorage.setItem(KEPT, JSON.stringify(devices));
  } catch {
    // Then the choice holds for this page only.
  }
  void phone.useDevices(devices);
}

void phone.useDevices(kept());

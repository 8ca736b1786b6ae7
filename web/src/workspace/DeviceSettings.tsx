import { Button, Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { closeStream, openMicrophone } from "../phone/microphone";
import type { Devices } from "../phone/softphone";
import { LevelMeter } from "../ui/LevelMeter";
import { chooseDevices, phone, ringer, useDevices } from "./phone";

const TEST_RING_MS = 3000;

interface Found {
  inputs: MediaDeviceInfo[];
  outputs: MediaDeviceInfo[];
}

async function find(): Promise<Found> {
  const all = await navigator.mediaDevices.enumerateDevices();
  // Without permission devices have no id and no name: nothing to choose from.
  const named = all.filter((device) => device.deviceId !== "" && device.deviceId !== "default");
  return {
    inputs: named.filter((device) => device.kind === "audioinput"),
    outputs: named.filter((device) => device.kind === "audiooutput"),
  };
}

function useFound(): Found {
  const [found, setFound] = useState<Found>({ inputs: [], outputs: [] });
  useEffect(() => {
    if (!("mediaDevices" in navigator)) return;
    const look = () => void find().then(setFound, () => undefined);
    look();
    navigator.mediaDevices.addEventListener("devicechange", look);
    return () => navigator.mediaDevices.removeEventListener("devicechange", look);
  }, []);
  return found;
}

/** Microphone, speaker and bell; the meter shows at once whether the chosen microphone hears anything. */
export function DeviceSettings({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const chosen = useDevices();
  const { inputs, outputs } = useFound();
  // The popover itself does not close by Escape once a list within it was open.
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key === "Escape") onClose();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [onClose]);
  const choice = (which: keyof Devices, devices: MediaDeviceInfo[]) => (
    <label className="device">
      <span>{t(`phone.${which}`)}</span>
      <Select
        value={devices.some((d) => d.deviceId === chosen[which]) ? chosen[which] : ""}
        aria-label={t(`phone.${which}`)}
        onChange={(id: string) => chooseDevices({ [which]: id })}
        options={[{ value: "", label: t("phone.systemDefault") }, ...devices.map((d) => ({ value: d.deviceId, label: d.label }))]}
        data-testid={`device-${which}`}
      />
    </label>
  );
  return (
    <section className="devices" aria-label={t("phone.devices")}>
      {choice("microphone", inputs)}
      <TestLevel microphone={chosen.microphone} />
      {choice("speaker", outputs)}
      {choice("ringer", outputs)}
      <div className="device-row">
        <TestRing device={chosen.ringer} />
        <NotifyButton />
      </div>
    </section>
  );
}

function TestLevel({ microphone }: { microphone: string }) {
  const { t } = useTranslation();
  const [stream, setStream] = useState<MediaStream | null>(null);
  useEffect(() => {
    let over = false;
    let mine: MediaStream | null = null;
    openMicrophone(microphone).then(
      (opened) => {
        if (over) return closeStream(opened);
        mine = opened;
        setStream(opened);
      },
      () => setStream(null),
    );
    return () => {
      over = true;
      closeStream(mine);
    };
  }, [microphone]);
  return <LevelMeter stream={stream} label={t("phone.level")} />;
}

function TestRing({ device }: { device: string }) {
  const { t } = useTranslation();
  const [on, setOn] = useState(false);
  useEffect(() => {
    if (!on) return;
    void ringer.start(device);
    const timer = setTimeout(() => setOn(false), TEST_RING_MS);
    return () => {
      clearTimeout(timer);
      if (phone.state.leg !== "incoming") ringer.stop();
    };
  }, [on, device]);
  return (
    <Button size="small" onClick={() => setOn(!on)} aria-pressed={on}>
      {t("phone.testRing")}
    </Button>
  );
}

function NotifyButton() {
  const { t } = useTranslation();
  const able = "Notification" in window;
  const [permission, setPermission] = useState(able ? Notification.permission : "denied");
  if (permission !== "default") return null;
  return (
    <Button size="small" title={t("phone.notifyText")} onClick={() => void Notification.requestPermission().then(setPermission)}>
      {t("phone.notify")}
    </Button>
  );
}

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { MicrophoneError, openMicrophone } from "./microphone";

/** What is plugged in; null where the browser does not let the page use any. */
let plugged: string[] | null;
/** The kind of object that the browser rejects with. */
let refusal: (name: string) => Error;

beforeEach(() => {
  plugged = ["default", "headset"];
  refusal = (name) => new DOMException("", name);
  vi.stubGlobal("window", { isSecureContext: true });
  vi.stubGlobal("RTCPeerConnection", class {});
  vi.stubGlobal("navigator", {
    mediaDevices: {
      getUserMedia: ({ audio }: { audio: { deviceId?: { exact: string } } }) => {
        const refused = (name: string) => Promise.reject(refusal(name));
        if (plugged === null) return refused("NotAllowedError");
        const wanted = audio.deviceId?.exact ?? "default";
        if (plugged.includes(wanted)) return Promise.resolve(wanted);
        return refused(plugged.length > 0 ? "OverconstrainedError" : "NotFoundError");
      },
    },
  });
});

afterEach(() => vi.unstubAllGlobals());

it("opens the chosen microphone, not one that the browser likes better", async () => {
  expect(await openMicrophone("headset")).toBe("headset");
  expect(await openMicrophone("")).toBe("default");
});

it("opens the default one where the chosen one is gone", async () => {
  plugged = ["default"];
  expect(await openMicrophone("headset")).toBe("default");
});

it("says why there is none", async () => {
  plugged = [];
  await expect(openMicrophone("headset")).rejects.toEqual(new MicrophoneError("microphone_missing"));
  plugged = null;
  await expect(openMicrophone("headset")).rejects.toEqual(new MicrophoneError("microphone_denied"));
});

it("reads the reason from whatever kind of object the browser rejects with", async () => {
  refusal = (name) => ({ name, message: "" });
  plugged = ["default"];
  expect(await openMicrophone("headset")).toBe("default");
  plugged = [];
  await expect(openMicrophone("headset")).rejects.toEqual(new MicrophoneError("microphone_missing"));
  plugged = null;
  await expect(openMicrophone("headset")).rejects.toEqual(new MicrophoneError("microphone_denied"));
  refusal = () => "no" as unknown as Error;
  await expect(openMicrophone("")).rejects.toEqual(new MicrophoneError("microphone_busy"));
});

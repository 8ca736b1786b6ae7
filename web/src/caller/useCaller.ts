import { useCallback, useEffect, useState } from "react";
import { api, unwrap } from "../api/client";
import { isProblem } from "../api/problem";
import { JsSipPhone } from "../phone/jssip";
import { cannotCall } from "../phone/microphone";
import type { PhoneState, Trouble } from "../phone/machine";
import type { Softphone } from "../phone/softphone";
import { usePhoneState } from "../phone/usePhone";
import { type CallerStage, stageOf } from "./stage";

const CONNECT_MS = 10_000;

export type CallerProblem = Trouble | "unavailable" | "tooMany";

export interface Caller {
  stage: CallerStage;
  state: PhoneState;
  phone: Softphone;
  problem: CallerProblem | null;
  talkedSeconds: number;
  call: () => void;
  hangUp: () => void;
}

function connected(phone: Softphone): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (ok: boolean) => {
      clearTimeout(timer);
      undo();
      resolve(ok);
    };
    const timer = setTimeout(() => finish(false), CONNECT_MS);
    const undo = phone.subscribe(() => {
      if (phone.state.registration === "registered") finish(true);
      if (phone.state.registration === "off") finish(false);
    });
  });
}

/** One browser call to the hotline, from the press of the button to the end. */
export function useCaller(): Caller {
  const [phone] = useState(() => new JsSipPhone());
  const state = usePhoneState(phone);
  const [preparing, setPreparing] = useState(false);
  const [ended, setEnded] = useState(false);
  const [talkedSeconds, setTalked] = useState(0);
  const [problem, setProblem] = useState<CallerProblem | null>(() => cannotCall());

  useEffect(() => {
    let since: number | null = null;
    let before = phone.state.leg;
    return phone.subscribe(() => {
      const { leg, connectedAt } = phone.state;
      if (leg === "none" && before !== "none") {
        setEnded(before === "talking");
        setTalked(since === null ? 0 : (Date.now() - since) / 1000);
        since = null;
      }
      since = connectedAt ?? since;
      before = leg;
    });
  }, [phone]);

  useEffect(() => {
    const leave = () => phone.stop();
    window.addEventListener("pagehide", leave);
    return () => window.removeEventListener("pagehide", leave);
  }, [phone]);

  const call = useCallback(async () => {
    const unable = cannotCall();
    setProblem(unable);
    setEnded(false);
    if (unable || preparing || phone.state.leg !== "none") return;
    setPreparing(true);
    try {
      const config = await unwrap(api.GET("/api/public/call"));
      const ready = connected(phone);
      phone.start({
        wsUrl: config.ws_url,
        uri: config.sip_uri,
        username: config.username,
        password: config.password,
        iceServers: config.ice_servers,
        register: false,
      });
      if (await ready) await phone.call(config.dial);
      else if (phone.state.registration !== "off") setProblem("unavailable");
    } catch (error) {
      setProblem(isProblem(error) && error.status === 429 ? "tooMany" : "unavailable");
    } finally {
      setPreparing(false);
    }
  }, [phone, preparing]);

  const hangUp = useCallback(() => {
    if (phone.state.leg === "none") phone.stop();
    else phone.hangUp();
  }, [phone]);

  return {
    stage: stageOf(state, preparing, ended),
    state,
    phone,
    problem: problem ?? state.trouble,
    talkedSeconds,
    call: () => void call(),
    hangUp,
  };
}

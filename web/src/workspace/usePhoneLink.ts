import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, unwrap } from "../api/client";
import { cannotCall } from "../phone/microphone";
import { phone } from "./phone";
import { useWorkspace } from "./store";
import { leaveRinging } from "./useBackToReady";

/** Whether this browser is the agent's phone now. */
export function useIsBrowserPhone(): boolean {
  return useWorkspace((workspace) => workspace.signingIn || (workspace.agent?.phone === "browser" && workspace.agent.state !== "offline"));
}

/** Registers the browser's phone while the agent is signed in with it. */
export function usePhoneLink(): void {
  const wanted = useIsBrowserPhone();
  const signedIn = useWorkspace((workspace) => workspace.agent !== null && workspace.agent.state !== "offline");
  useEffect(() => {
    if (signedIn) useWorkspace.setState({ signingIn: false });
  }, [signedIn]);
  const config = useQuery({
    queryKey: ["workspace-phone"],
    queryFn: () => unwrap(api.GET("/api/workspace/phone")),
    enabled: wanted,
    staleTime: Infinity,
    retry: true,
    retryDelay: 3000,
  });

  const data = config.data;
  useEffect(() => {
    if (!wanted || !data || cannotCall()) return;
    phone.start({
      wsUrl: data.ws_url,
      uri: data.sip_uri,
      username: data.username,
      password: data.password,
      iceServers: data.ice_servers,
      register: true,
    });
    return () => phone.stop();
  }, [wanted, data]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (phone.state.leg === "talking") event.preventDefault();
    };
    const leave = () => {
      // A talk is left as it is, to be taken up again.
      if (phone.state.leg === "incoming") leaveRinging();
    };
    window.addEventListener("beforeunload", warn);
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("beforeunload", warn);
      window.removeEventListener("pagehide", leave);
    };
  }, []);
}

import JsSIP from "jssip";
import type { UA } from "jssip/lib/UA";
import type { PhoneConfig } from "./softphone";

/** JsSIP as the pages want it; not started yet. */
export function userAgent(config: PhoneConfig): UA {
  return new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(config.wsUrl)],
    uri: config.uri,
    authorization_user: config.username,
    password: config.password,
    register: config.register,
    register_expires: 120,
    session_timers: false,
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 8,
    user_agent: "hotline-web",
  });
}

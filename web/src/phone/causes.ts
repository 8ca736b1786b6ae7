import JsSIP from "jssip";
import type { causes } from "jssip/lib/Constants";
import type { Trouble } from "./machine";

/** What a call that failed means to the person; null when it simply ended. */
export function troubleOf(cause: string | undefined): Trouble | null {
  switch (cause as causes | undefined) {
    case JsSIP.C.causes.BUSY:
      return "busy";
    case JsSIP.C.causes.REJECTED:
      return "rejected";
    case JsSIP.C.causes.AUTHENTICATION_ERROR:
      return "refused";
    case JsSIP.C.causes.USER_DENIED_MEDIA_ACCESS:
      return "microphone_denied";
    case JsSIP.C.causes.WEBRTC_ERROR:
    case JsSIP.C.causes.BAD_MEDIA_DESCRIPTION:
    case JsSIP.C.causes.INCOMPATIBLE_SDP:
    case JsSIP.C.causes.RTP_TIMEOUT:
      return "media_failed";
    case JsSIP.C.causes.CONNECTION_ERROR:
    case JsSIP.C.causes.REQUEST_TIMEOUT:
    case JsSIP.C.causes.NOT_FOUND:
    case JsSIP.C.causes.UNAVAILABLE:
      return "unreachable";
    default:
      return null;
  }
}

/** Whether this side did it. */
export const here = (originator: string): boolean => originator === "local";

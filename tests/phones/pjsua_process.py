"""One SIP phone in a process of its own: commands as JSON lines on stdin, events as JSON lines on stdout.

pjsua2 is a library of one endpoint a process, with its own threads; `tests.phones.pjsua` drives it.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from typing import Any

import pjsua2 as pj

DTMF_IS_END = 2  # PJMEDIA_STREAM_DTMF_IS_END, which the Python module leaves out


def tell(event: str, **fields: Any) -> None:
    line = json.dumps({"event": event, "at": time.time(), **fields}, ensure_ascii=False)
    os.write(1, line.encode() + b"\n")


class PhoneCall(pj.Call):  # type: ignore[misc]  # untyped
    """A call and its sound: our tone goes out, what comes in goes to the recorder."""

    def __init__(self, phone: PjsuaEndpoint, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(phone.account, call_id)
        self.phone = phone
        self.answer_at = 0.0
        self.answer_code = 0

    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802
        info = self.getInfo()
        match info.state:
            case pj.PJSIP_INV_STATE_EARLY if info.role == pj.PJSIP_ROLE_UAC:
                tell("progress", code=info.lastStatusCode)
            case pj.PJSIP_INV_STATE_CONFIRMED:
                tell("confirmed", peer=info.remoteUri)
            case pj.PJSIP_INV_STATE_DISCONNECTED:
                self.phone.forget(self)
                tell("disconnected", code=info.lastStatusCode, reason=info.lastReason)

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        info = self.getInfo()
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                self.phone.connect(self)
                tell("media", codec=self.getStreamInfo(media.index).codecName)
            elif media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD:
                tell("held")
            elif media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_LOCAL_HOLD:
                tell("holding")

    def onDtmfEvent(self, prm: pj.OnDtmfEventParam) -> None:  # noqa: N802
        if not prm.flags & DTMF_IS_END:
            return
        tell("digit", digit=prm.digit)

    def media(self) -> pj.AudioMedia | None:
        try:
            return self.getAudioMedia(-1)
        except pj.Error:
            return None


class PhoneAccount(pj.Account):  # type: ignore[misc]  # untyped
    def __init__(self, phone: PjsuaEndpoint) -> None:
        super().__init__()
        self.phone = phone

    def onRegState(self, prm: pj.OnRegStateParam) -> None:  # noqa: N802
        if prm.expiration > 0 and prm.code == 200:
            tell("registered")
        elif prm.code == 200:
            tell("unregistered")
        else:
            tell("refused", code=prm.code)

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802
        self.phone.ring(PhoneCall(self.phone, prm.callId), prm.rdata.wholeMsg)


class PjsuaEndpoint:
    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.account: PhoneAccount
        self.calls: list[PhoneCall] = []
        self.on_ring: dict[str, Any] = {"action": "ring"}
        self.endpoint = pj.Endpoint()
        self.endpoint.libCreate()
        config = pj.EpConfig()
        config.logConfig.level = config.logConfig.consoleLevel = int(os.environ.get("PJSUA_LOG", "1"))
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.userAgent = "test phone"
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        config.medConfig.clockRate = 8000
        self.endpoint.libInit(config)
        transport = pj.TransportConfig()
        transport.port, transport.boundAddress = port, host
        self.endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        self.endpoint.audDevManager().setNullDev()
        self.endpoint.libStart()
        for codec in self.endpoint.codecEnum2():
            wanted = {"PCMA/8000/1": 255, "PCMU/8000/1": 254}.get(codec.codecId, 0)
            self.endpoint.codecSetPriority(codec.codecId, wanted)
        self.tone = pj.ToneGenerator()
        self.tone.createToneGenerator(8000)
        self.recorder: pj.AudioMediaRecorder | None = None
        self.recording = ""

    # --- commands -------------------------------------------------------------------------------------

    def do_account(self, uri: str, registrar: str = "", user: str = "", secret: str = "", expires: int = 300) -> None:
        """An account; with `registrar`, registered there."""
        config = pj.AccountConfig()
        config.idUri = uri
        if registrar:
            config.regConfig.registrarUri = registrar
            config.regConfig.timeoutSec = expires
            config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", user, 0, secret))
        config.mediaConfig.transportConfig.boundAddress = self.host
        config.mediaConfig.transportConfig.publicAddress = self.host
        config.mediaConfig.transportConfig.port = 32000 + os.getpid() % 900 * 20
        config.mediaConfig.transportConfig.portRange = 400
        # A hold is a re-INVITE of ours; the lib must not add UPDATEs of its own.
        config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
        self.account = PhoneAccount(self)
        self.account.create(config)
        tell("ready")

    def do_call(self, to: str) -> None:
        call = PhoneCall(self)
        self.calls.append(call)
        call.makeCall(to, pj.CallOpParam(True))

    def do_on_ring(self, action: str, after: float = 0.0, code: int = 486) -> None:
        self.on_ring = {"action": action, "after": after, "code": code}
        for call in self.calls:
            # One that rang a moment before we were told.
            if call.getInfo().state in (pj.PJSIP_INV_STATE_INCOMING, pj.PJSIP_INV_STATE_EARLY):
                self.follow_rule(call)

    def do_answer(self) -> None:
        self._reply(self.calls[-1], 200)

    def do_decline(self, code: int = 486) -> None:
        self._reply(self.calls[-1], code)

    def do_hang_up(self) -> None:
        for call in list(self.calls):
            call.hangup(pj.CallOpParam())

    def do_digits(self, digits: str, method: str = "rfc4733", duration: int = 100) -> None:
        for digit in digits:
            parameter = pj.CallSendDtmfParam()
            parameter.digits, parameter.duration = digit, duration
            parameter.method = pj.PJSUA_DTMF_METHOD_SIP_INFO if method == "info" else pj.PJSUA_DTMF_METHOD_RFC2833
            self.calls[-1].sendDtmf(parameter)

    def do_hold(self) -> None:
        self.calls[-1].setHold(pj.CallOpParam())

    def do_unhold(self) -> None:
        parameter = pj.CallOpParam(True)
        parameter.opt.flag = pj.PJSUA_CALL_UNHOLD
        self.calls[-1].reinvite(parameter)

    def do_tone(self, hertz: int) -> None:
        """Send this tone from now on, 0 for silence."""
        self.tone.stop()
        if not hertz:
            return
        tone = pj.ToneDesc()
        tone.freq1, tone.freq2, tone.on_msec, tone.off_msec = hertz, 0, 1000, 0
        tones = pj.ToneDescVector()
        tones.append(tone)
        self.tone.play(tones, True)

    def do_record(self, path: str) -> None:
        """Write what is heard from now on to `path`; once told, the file before it is complete."""
        before, self.recording = self.recording, path
        self.recorder = None
        self.completed(before)
        self.recorder = pj.AudioMediaRecorder()
        self.recorder.createRecorder(path)
        for call in self.calls:
            self.connect(call)
        tell("recording", path=path)

    def completed(self, path: str) -> None:
        """The library closes a file in its own time, when its mixer has let go of it."""
        until = time.monotonic() + 20
        while path and time.monotonic() < until:
            with open(path, "rb") as file:
                if any(file.read(8)[4:]):
                    return  # the header tells the length
            self.endpoint.libHandleEvents(5)

    def do_unregister(self) -> None:
        self.account.setRegistration(False)

    # --- the phone's own acts -------------------------------------------------------------------------

    def ring(self, call: PhoneCall, message: str) -> None:
        info = call.getInfo()
        self.calls.append(call)
        tell("ringing", peer=info.remoteUri, local=info.localUri, message=message)
        self._reply(call, 180)
        self.follow_rule(call)

    def follow_rule(self, call: PhoneCall) -> None:
        rule = self.on_ring
        if call.getInfo().role == pj.PJSIP_ROLE_UAS and rule["action"] in ("answer", "decline"):
            call.answer_at = time.monotonic() + rule["after"]
            call.answer_code = 200 if rule["action"] == "answer" else rule["code"]

    def answer_due(self) -> None:
        for call in list(self.calls):
            if call.answer_code and call.answer_at <= time.monotonic():
                code, call.answer_code = call.answer_code, 0
                self._reply(call, code)

    def connect(self, call: PhoneCall) -> None:
        media = call.media()
        if media is None:
            return
        self.tone.startTransmit(media)
        if self.recorder is not None:
            media.startTransmit(self.recorder)

    def forget(self, call: PhoneCall) -> None:
        if call in self.calls:
            self.calls.remove(call)

    @staticmethod
    def _reply(call: PhoneCall, code: int) -> None:
        parameter = pj.CallOpParam()
        parameter.statusCode = code
        call.answer(parameter)

    # --- life -----------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until stdin ends or says quit."""
        rest = b""
        while True:
            self.endpoint.libHandleEvents(10)
            self.answer_due()
            if not select.select([0], [], [], 0)[0]:
                continue
            data = os.read(0, 65536)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if not self.obey(json.loads(line)):
                    return

    def obey(self, command: dict[str, Any]) -> bool:
        name = command.pop("do")
        if name == "quit":
            return False
        try:
            getattr(self, f"do_{name}")(**command)
        except (pj.Error, IndexError) as error:
            tell("failed", command=name, reason=getattr(error, "reason", str(error)))
        return True

    def close(self) -> None:
        """Hang up and unregister politely, but never wait for a peer that is gone."""
        try:
            self.do_hang_up()
            until = time.monotonic() + 2
            while self.calls and time.monotonic() < until:
                self.endpoint.libHandleEvents(10)
        except pj.Error:
            pass
        # The library's own shutdown joins threads and may wait long for a silent registrar.
        os._exit(0)


def main() -> None:
    phone = PjsuaEndpoint(sys.argv[1], int(sys.argv[2]))
    phone.run()
    phone.close()


if __name__ == "__main__":
    main()

"""A real Asterisk with the few modules the AMI client needs, in a folder and on ports of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from hotline.app.settings import Settings

SECRET = "a real secret"
USERNAME = "hotline"

MODULES = """
    app_confbridge app_dial app_echo app_playback app_queue app_senddtmf app_stack app_verbose
    bridge_builtin_features bridge_holding bridge_simple bridge_softmix
    chan_pjsip codec_alaw codec_ulaw format_pcm func_callerid func_channel func_devstate func_global func_logic
    func_strings func_timeout pbx_config res_agi res_musiconhold res_pjproject res_pjsip res_pjsip_pubsub
    res_pjsip_endpoint_identifier_user res_pjsip_registrar res_pjsip_sdp_rtp res_pjsip_session res_rtp_asterisk
    res_sorcery_astdb res_sorcery_config res_sorcery_memory res_speech res_timing_timerfd
""".split()

EXTENSIONS = """
[t]
exten => agi,1,Answer()
 same => n,Set(HOTLINE_MARK=a "b" \\\\ c)
 same => n,AGI(agi:async)
 same => n,Hangup()
exten => wait,1,Answer()
 same => n,Wait(60)
exten => ring,1,Wait(60)
exten => busy,1,Busy(1)
exten => congested,1,Congestion(1)
exten => queue,1,Answer()
 same => n,Queue(enterprise,,,,60)
exten => room,1,Answer()
 same => n,ConfBridge(r1)
"""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class AmiAsterisk:
    """`start()` returns when AMI answers. `stop()` leaves no process; both may be repeated."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.sip_port = free_port(socket.SOCK_DGRAM)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._command, root = _find()
        for name in ("etc", "run", "spool", "log", "db", "data"):
            (folder / name).mkdir()
        for name, content in self._files(root).items():
            (folder / "etc" / name).write_text(content)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        log = (self._folder / "out.txt").open("ab")
        command = [*self._command, "-C", str(self._folder / "etc" / "asterisk.conf"), "-f"]
        self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        deadline = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._folder / "out.txt").read_text(errors="replace")[-2000:])
            time.sleep(0.05)

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _files(self, root: Path) -> dict[str, str]:
        folder = self._folder
        modules = next(root.glob("usr/lib/*/asterisk/modules"), root / "usr/lib/asterisk/modules")
        return {
            "asterisk.conf": f"""
[directories]
astetcdir => {folder}/etc
astmoddir => {modules}
astvarlibdir => {folder}/data
astdbdir => {folder}/db
astkeydir => {folder}/data
astdatadir => {root}/usr/share/asterisk
astagidir => {folder}/data
astspooldir => {folder}/spool
astrundir => {folder}/run
astlogdir => {folder}/log
""",
            "modules.conf": "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in MODULES),
            "manager.conf": f"""
[general]
enabled=yes
bindaddr=127.0.0.1
port={self.port}
[{USERNAME}]
secret={SECRET}
read=system,call,agent,agi,dtmf,user,dialplan
write=call,originate,agi,agent,reporting,user
writetimeout=10000
""",
            "extensions.conf": EXTENSIONS,
            "queues.conf": "[general]\npersistentmembers=no\n[enterprise]\nstrategy=ringall\ntimeout=2\nretry=1\n",
            "pjsip.conf": f"""
[udp]
type=transport
protocol=udp
bind=127.0.0.1:{self.sip_port}
[1001]
type=endpoint
context=t
disallow=all
allow=ulaw
aors=1001
[1001]
type=aor
max_contacts=1
remove_existing=yes
""",
            "logger.conf": "[general]\n[logfiles]\nconsole => error\n",
            "confbridge.conf": "[general]\n",
            "indications.conf": "[general]\ncountry=us\n[us]\ndescription=US\nbusy=480+620/500,0/500\n",
        }


def _find() -> tuple[list[str], Path]:
    """The command that runs Asterisk, and the root its modules lie under; skips the test where there is none."""
    for root in sorted(Settings().cache.glob("asterisk-*-root"), reverse=True):
        loader = next(root.glob("usr/lib64/ld-linux-*"), None) or next(root.glob("usr/lib/*/ld-linux-*"), None)
        libraries = next(root.glob("usr/lib/*-linux-gnu"), None)
        if loader is not None and libraries is not None and (root / "usr/sbin/asterisk").exists():
            return [str(loader), "--library-path", str(libraries), str(root / "usr/sbin/asterisk")], root
    if (installed := shutil.which("asterisk")) is not None:
        return [installed], Path("/")
    pytest.skip("no Asterisk: run `make up` or `make test` once to fetch it")

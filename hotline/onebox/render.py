"""The instance's values as Asterisk configuration: pure, and the one place that checks and quotes them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hotline.app.settings import Settings
from hotline.onebox.errors import BadSettingError
from hotline.onebox.keys import BoxSecrets
from ivr.dialplan import TRUNK, WEB_CALLER, Context, Template, Variable, browser_endpoint
from ivr.settings import AsteriskSettings

_NUMBER = re.compile(r"[0-9]{2,10}")
_SECRET = re.compile(r"[A-Za-z0-9_.~+/=-]{8,128}")
_PATH = re.compile(r"/[\w./~+@=: -]*")

MADE = "; Made by the service at each start: changes here are lost.\n"


@dataclass(frozen=True, slots=True)
class AgentEndpoints:
    """An agent's two endpoints: `<number>-web` for the browser, `<number>` for the desk phone."""

    number: str
    web_secret: str = field(repr=False)
    desk_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Directories:
    """Where one instance keeps Asterisk's files; all under <home>/asterisk."""

    base: Path
    log: Path

    @classmethod
    def of(cls, settings: Settings) -> Directories:
        return cls(base=settings.home.absolute() / "asterisk", log=settings.asterisk_logs.absolute())

    @property
    def etc(self) -> Path:
        return self.base / "etc"

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def lib(self) -> Path:
        return self.base / "lib"

    @property
    def spool(self) -> Path:
        return self.base / "spool"

    @property
    def run(self) -> Path:
        return self.base / "run"

    @property
    def cache(self) -> Path:
        return self.base / "cache"

    @property
    def config(self) -> Path:
        return self.etc / "asterisk.conf"

    @property
    def socket(self) -> Path:
        return self.run / "asterisk.ctl"


def checked_path(path: Path, what: str) -> str:
    """`path` as text that means itself in Asterisk's files and in the dialplan, or BadSettingError."""
    text = str(path)
    if not _PATH.fullmatch(text):
        raise BadSettingError(
            f"{what} is {text!r}; Asterisk needs an absolute path of letters, digits and . _ ~ + @ = : - and spaces"
        )
    return text


def checked_host(host: str, what: str) -> str:
    """`host` as an IP address, in brackets where it is IPv6."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise BadSettingError(f"{what} is {host!r}; give an IP address such as 192.0.2.10 or 0.0.0.0") from None
    return f"[{address}]" if address.version == 6 else str(address)


def checked_secret(secret: str, what: str) -> str:
    """`secret` where it needs no quoting; never part of the error."""
    if not _SECRET.fullmatch(secret):
        raise BadSettingError(f"{what} must be 8 to 128 letters, digits and _ . ~ + / = -")
    return secret


def asterisk_conf(shipped: str, directories: Directories, modules: Path | None) -> str:
    """The shipped options under this instance's own [directories]."""
    places = {
        "astcachedir": directories.cache,
        "astetcdir": directories.etc,
        "astvarlibdir": directories.lib,
        "astdbdir": directories.lib,
        "astkeydir": directories.lib,
        "astdatadir": directories.data,
        "astagidir": directories.data / "agi-bin",
        "astspooldir": directories.spool,
        "astrundir": directories.run,
        "astlogdir": directories.log,
    }
    if modules is not None:
        places["astmoddir"] = modules
    lines = [f"{name} => {checked_path(path, name)}" for name, path in places.items()]
    return MADE + "[directories]\n" + "\n".join(lines) + "\n\n" + shipped


def modules_conf(shipped: str, missing: Iterable[str]) -> str:
    """The shipped list without `missing` modules: one that is not there would be an error in every log."""
    gone = set(missing)
    kept = [
        f"; not in this Asterisk: {line}" if line.partition("load = ")[2].strip() in gone else line
        for line in shipped.splitlines()
    ]
    return "\n".join(kept) + "\n"


def modules_named(shipped: str) -> list[str]:
    """The modules that modules.conf loads."""
    return re.findall(r"^load = (\S+)", shipped, re.MULTILINE)


def manager(settings: Settings, secrets: BoxSecrets) -> str:
    ami = checked_secret(settings.ami.secret.get_secret_value() or secrets.ami, "ami.secret")
    return f"""{MADE}
[{Template.AMI_LISTEN}](!)
bindaddr = {checked_host(settings.ami.host, "ami.host").strip("[]")}
port = {settings.ami.port}

[{Template.AMI_SECRET}](!)
secret = {ami}

[{Template.RELOAD_SECRET}](!)
secret = {checked_secret(secrets.ami_reload, "the reload user's secret")}
"""


def http(asterisk: AsteriskSettings) -> str:
    return f"""{MADE}
[{Template.HTTP_LISTEN}](!)
bindaddr = {checked_host(asterisk.web_host, "asterisk.web_host").strip("[]")}
bindport = {asterisk.web_port}
"""


def acl(settings: Settings) -> str:
    """Where browsers' WebSockets come from: no SIP request from elsewhere is a browser's."""
    proxies = [ipaddress.ip_network(str(proxy)) for proxy in settings.http.trusted_proxies]
    networks = [ipaddress.ip_network(str(network)) for network in settings.asterisk.browser_networks]
    permitted = networks or [*map(ipaddress.ip_network, ("127.0.0.1", "::1")), *proxies]
    lines = "".join(f"permit = {network}\n" for network in dict.fromkeys(permitted))
    return f"{MADE}\n[{Template.BROWSER_ACL}]\ndeny = 0.0.0.0/0\ndeny = ::/0\n{lines}"


def rtp(asterisk: AsteriskSettings) -> str:
    if asterisk.rtp_start < 1024:
        raise BadSettingError(
            f"asterisk.rtp_start to rtp_end is {asterisk.rtp_start} to {asterisk.rtp_end}; "
            "give a range within 1024–65535"
        )
    return f"{MADE}\n[{Template.RTP_PORTS}](!)\nrtpstart = {asterisk.rtp_start}\nrtpend = {asterisk.rtp_end}\n"


def global_variables(recordings: Path, asterisk: AsteriskSettings) -> str:
    return f"""{MADE}
{Variable.RECORDINGS} = {checked_path(recordings, "the recordings folder")}
{Variable.TRUNK_CALLS} = {asterisk.trunk_calls or _bearable(asterisk)}
{Variable.WEB_CALLS} = {asterisk.web_calls}
{Variable.WEB_CALLS_PER_ADDRESS} = {asterisk.web_calls_per_address}
"""


def _bearable(asterisk: AsteriskSettings) -> int:
    """Each phone takes two RTP ports; a fifth of them is left to agents, specialists and browsers."""
    return max(1, (asterisk.rtp_end - asterisk.rtp_start + 1) // 2 * 4 // 5)


def pjsip(asterisk: AsteriskSettings, secrets: BoxSecrets, agents: Sequence[AgentEndpoints]) -> str:
    host = checked_host(asterisk.sip_host, "asterisk.sip_host")
    trunk = checked_host(asterisk.trunk_host, "asterisk.trunk_host")
    if trunk in (host, checked_host(asterisk.web_host, "asterisk.web_host")):
        raise BadSettingError(
            f"asterisk.trunk_host is {trunk}, which Asterisk itself listens on; give the carrier's own address"
        )
    # The page of /call hands out the setting where there is one.
    web_caller = asterisk.web_caller_secret.get_secret_value() or secrets.web_caller
    parts = [MADE, _transports(host, asterisk.sip_port), _trunk(trunk), _web_caller(web_caller), endpoints(agents)]
    return "\n".join(parts)


def endpoints(agents: Sequence[AgentEndpoints]) -> str:
    """The agents' phones for pjsip.conf, on any Asterisk with our templates."""
    seen: set[str] = set()
    for agent in agents:
        if agent.number in seen:
            raise BadSettingError(f"two agents have the number {agent.number}")
        seen.add(agent.number)
    return "\n".join(map(_agent, agents))


def _transports(host: str, port: int) -> str:
    return f"""
[transport-udp]
type = transport
protocol = udp
bind = {host}:{port}

[transport-ws]
type = transport
protocol = ws
bind = {host}:{port}
"""


def _trunk(host: str) -> str:
    return f"""
[{TRUNK}]({Template.TRUNK})
aors = {TRUNK}

[{TRUNK}]
type = aor
contact = sip:{host}:5060

[{TRUNK}]
type = identify
endpoint = {TRUNK}
match = {host.strip("[]")}
"""


def _web_caller(secret: str) -> str:
    return f"""
[{WEB_CALLER}]({Template.BROWSER})
context = {Context.FROM_WEB}
auth = {WEB_CALLER}

[{WEB_CALLER}]({Template.AUTH})
username = {WEB_CALLER}
password = {checked_secret(secret, "the web caller's secret")}
"""


def _agent(agent: AgentEndpoints) -> str:
    if not _NUMBER.fullmatch(agent.number):
        raise BadSettingError(f"an agent's number is {agent.number!r}; give 2 to 10 digits")
    phones = (
        (browser_endpoint(agent.number), Template.BROWSER, agent.web_secret),
        (agent.number, Template.DESK_PHONE, agent.desk_secret),
    )
    return "\n".join(
        f"""
[{name}]({template})
context = {Context.FROM_AGENTS}
aors = {name}
auth = {name}
callerid = {agent.number} <{agent.number}>

[{name}]({Template.AOR})

[{name}]({Template.AUTH})
username = {name}
password = {checked_secret(secret, f"the phone secret of agent {agent.number}")}"""
        for name, template, secret in phones
    )

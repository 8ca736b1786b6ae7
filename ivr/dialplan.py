"""Every name that the service and asterisk-config/*.conf share; tests/ivr/test_dialplan.py compares the two."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

HOTLINE_NUMBER: Final = "12345"


class Context(StrEnum):
    """Contexts of extensions.conf and extensions/*.conf; `SAFE_FLOW` is generated (`callflow.compile`)."""

    FROM_AGENTS = "from-agents"
    FROM_WEB = "from-web"
    SAFE = "hotline-safe"
    SAFE_FLOW = "hotline-safe-flow"
    TO_QUEUE = "hotline-to-queue"
    QUEUE = "hotline-queue"
    LEFT_QUEUE = "hotline-left-queue"
    TO_DIAL = "hotline-to-dial"
    DIAL = "hotline-dial"
    RETURN = "hotline-return"
    STAFF = "hotline-staff"
    CALLER = "hotline-caller"
    CALLER_HOLD = "hotline-hold"
    CALLER_DONE = "hotline-caller-done"
    REQUEUE = "hotline-requeue"
    REPLACED = "hotline-replaced"
    SPECIALIST = "hotline-specialist"
    SPECIALIST_HOLD = "hotline-specialist-hold"
    PHONE_PASSWORD = "hotline-phone"
    DRILL = "hotline-drill"
    DRILL_QUEUE = "hotline-drill-queue"
    DEMO = "hotline-demo"
    DEMO_CALLER = "hotline-demo-caller"


class Variable(StrEnum):
    """Variables that one side sets and the other reads. Asterisk sends VarSet of those named HOTLINE_* alone."""

    LEASE = "APP_LEASE"
    CALL_ID = "HOTLINE_CALL_ID"
    DEMO_KEYS = "HOTLINE_DEMO_KEYS"
    DIALLED = "HOTLINE_DIALLED"
    DRILL = "HL_DRILL"
    DRILL_STATUS = "HL_DRILL_STATUS"
    LOST_AGENT = "HOTLINE_LOST"
    PLACE = "HOTLINE_PLACE"
    QUEUE_PRIORITY = "HOTLINE_QUEUE_PRIO"
    QUEUE_STATUS = "HOTLINE_QUEUESTATUS"
    QUEUE_TIMEOUT = "HOTLINE_QUEUE_TIMEOUT"
    RECORDING = "HOTLINE_RECORDING"
    RECORDINGS = "HOTLINE_RECORDINGS"
    SAFE_REASON = "HOTLINE_SAFE_REASON"
    TRUNK_CALLS = "HOTLINE_TRUNK_CALLS"
    WEB_CALLS = "HOTLINE_WEB_CALLS"
    WEB_CALLS_PER_ADDRESS = "HOTLINE_WEB_CALLS_PER_ADDRESS"
    AGENT = "HL_AGENT"
    CALLER_CHANNEL = "HL_CALLER"
    DIAL_PHONES = "HL_DIAL_PHONES"
    DIAL_NAMES = "HL_DIAL_NAMES"
    DIAL_RING = "HL_DIAL_RING"
    DIAL_LONGEST = "HL_DIAL_LONGEST"
    DIAL_CONFIRM = "HL_DIAL_CONFIRM"
    ENTRY = "HL_ENTRY"
    NODE = "HL_NODE"
    QUEUE = "HL_QUEUE"
    PHONE_SECRET = "HL_SECRET"
    STAGE = "HL_STAGE"

    @property
    def value_of(self) -> str:
        """The variable's value, as the dialplan writes it: ${HL_AGENT}."""
        return f"${{{self}}}"


OUR_VARIABLES: Final = "HOTLINE_"
"""How the variables begin whose VarSet manager.conf lets through."""


class ServiceVariable(StrEnum):
    """Variables that the service sets and reads itself; no .conf file knows them."""

    LEASE_HOLDER = "APP_LEASE_HOLDER"
    SPECIALIST = "HOTLINE_SPECIALIST"


class FlowArgument(StrEnum):
    """What hotline-flow passes to AGI."""

    ENTRY = "entry"
    STAGE = "stage"
    QUEUE = "queue"
    NODE = "node"
    STATUS = "status"
    AGENT = "agent"
    WAITED = "waited"
    TALKED = "talked"
    PHONE = "phone"


class Stage(StrEnum):
    """Values of HL_STAGE: how a call came to AGI."""

    START = "start"
    LEAVING = "leaving"
    """Set by the service: on the way to a queue, which has not had the call yet."""
    RETURN = "return"
    FAILED = "failed"
    """AGI ended by itself; the dialplan tries again."""
    RESUME = "resume"


class CallPlace(StrEnum):
    """Values of HOTLINE_PLACE, and `ROOM` for a channel in its conference."""

    ROOM = "room"
    HOLD = "hold"
    QUEUE = "queue"
    DONE = "done"


class Template(StrEnum):
    """Templates and sections of pjsip.conf, manager.conf, http.conf, rtp.conf and acl.conf that an instance fills."""

    BROWSER = "hotline-browser"
    DESK_PHONE = "hotline-desk-phone"
    TRUNK = "hotline-trunk"
    AOR = "hotline-aor"
    AUTH = "hotline-auth"
    BROWSER_ACL = "hotline-browsers"
    AMI_LISTEN = "hotline-ami-listen"
    AMI_SECRET = "hotline-secret"
    RELOAD_SECRET = "hotline-reload-secret"
    HTTP_LISTEN = "hotline-http-listen"
    RTP_PORTS = "hotline-rtp-ports"


DRILL_CHANNEL: Final = f"Local/caller@{Context.DRILL}"
"""How the channels of drill calls begin: no caller's does, and no call log or agent hears of one."""
RELOAD_USER: Final = "hotline-reload"
"""The AMI user that may reload modules, and nothing else."""
TRUNK: Final = "trunk"
WEB_CALLER: Final = "web-caller"
"""The endpoints of the carrier, and of every page of /call."""
RESUME_EXTENSION: Final = "resume"
"""Of hotline-return: for a call that is adopted where it stands."""

_TECHNOLOGY = "PJSIP/"
_BROWSER = "-web"


def browser_endpoint(number: str) -> str:
    """The endpoint of an agent's browser; the desk phone's is the number itself."""
    return f"{number}{_BROWSER}"


def is_browser(endpoint: str) -> bool:
    return endpoint.endswith(_BROWSER)


def agent_number(endpoint: str) -> str:
    """The number of the agent whose endpoint, or interface of a queue member, this is."""
    return endpoint.removeprefix(_TECHNOLOGY).removesuffix(_BROWSER)


def interface_of(endpoint: str) -> str:
    """How queues and Dial name an endpoint."""
    return f"{_TECHNOLOGY}{endpoint}"


def endpoint_in(channel: str) -> str:
    """The endpoint that a channel is a leg of, by its name: PJSIP/1001-web-0000002a is 1001-web's."""
    return channel.partition("/")[2].rpartition("-")[0]

"""Who is at the door: client address, origin, session cookie. HTTP requests and WebSockets pass the same gate."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from hotline.kernel.errors import ForbiddenError, UnauthenticatedError

SESSION_COOKIE = "hotline_session"
REQUESTED_WITH = "X-Requested-With"
REQUESTED_WITH_VALUE = "hotline"
BACKGROUND = "X-Hotline-Background"
"""On what a page asks by itself, at an interval: it does not keep an idle session alive."""
_SAFE_METHODS = {hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS}
_MOST_HOPS = 20
"""Of X-Forwarded-For; a list that is longer is somebody's invention."""
_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Principal(Protocol):
    """Who is asking, as far as this floor cares; `hotline.accounts.roles.Principal` is one."""

    @property
    def user_id(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def roles(self) -> AbstractSet[str]: ...
    @property
    def permissions(self) -> AbstractSet[str]: ...
    @property
    def restriction(self) -> str:
        """What is left to do before this session may do anything else; "" for a complete one."""
        ...


PrincipalResolver = Callable[[str], Awaitable[Principal | None]]
"""Session token → who it belongs to, or None where it is unknown or over."""


class SessionRestrictedError(ForbiddenError):
    error_id = "auth.step_left"
    title = "The log-in is not complete"


class CrossSiteError(ForbiddenError):
    error_id = "auth.cross_site"
    title = "The request does not come from this site's own pages"


def _nothing(_request: web.Request) -> Iterable[str]:
    return ()


@dataclass(frozen=True, kw_only=True)
class EdgeOptions:
    """How the HTTP edge is reached, and its limits."""

    public_url: str = ""
    """As browsers reach us; "" means: by whatever host the request names."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose X-Forwarded-For is believed."""
    connect_src: Callable[[web.Request], Iterable[str]] = _nothing
    """Other origins that pages may connect to, such as the SIP WebSocket."""
    max_body: int = 64 * 1024
    """For a route that states no limit of its own. What is read is also parsed and checked, on the loop."""
    body_timeout: timedelta = timedelta(seconds=30)
    diagnostics_permission: str = "settings.manage"
    """What `/metrics` and `/readyz` ask of whoever does not come from this machine itself."""
    networks: tuple[Network, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        networks = tuple(ipaddress.ip_network(proxy, strict=False) for proxy in self.trusted_proxies)
        object.__setattr__(self, "networks", networks)

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https, so that cookies must never travel otherwise."""
        return self.public_url.startswith("https://")


class Gate:
    """Checks on a request before anything of ours runs."""

    def __init__(self, options: EdgeOptions, resolve: PrincipalResolver, peek: PrincipalResolver | None = None) -> None:
        """`peek` is `resolve` without the session being renewed by it."""
        self.options = options
        self._resolve = resolve
        self._peek = peek or resolve

    async def authenticate(self, request: web.Request, *, any_session: bool = False, in_use: bool = True) -> Principal:
        """Whoever the session cookie belongs to; its use renews the session unless the page asks by itself.

        Raises `UnauthenticatedError`, and `SessionRestrictedError` where the log-in is not complete, unless
        `any_session`.
        """
        token = session_token(request)
        resolve = self._resolve if in_use and BACKGROUND not in request.headers else self._peek
        principal = await resolve(token) if token else None
        if principal is None:
            raise UnauthenticatedError("There is no session or it is over; log in.")
        if principal.restriction and not any_session:
            raise SessionRestrictedError(f"Complete the log-in first; left to do: {principal.restriction}.")
        return principal

    def check_origin(self, request: web.Request) -> None:
        """Refuse what another site's page sent with our visitor's cookie."""
        origin = request.headers.get(hdrs.ORIGIN)
        if not origin:
            raise CrossSiteError("Send the Origin header with this service's own address.")
        if not self._is_ours(origin, request.host):
            raise CrossSiteError(
                "The Origin header names another site. Open the service by its public address, "
                "or set http.public_url to the address in use."
            )

    def check_write(self, request: web.Request) -> None:
        """The defence against forged requests: for every method that may change something."""
        if request.method in _SAFE_METHODS:
            return
        self.check_origin(request)
        if request.headers.get(REQUESTED_WITH) != REQUESTED_WITH_VALUE:
            raise CrossSiteError(f"Send the header {REQUESTED_WITH}: {REQUESTED_WITH_VALUE}.")

    def address(self, request: web.Request) -> str:
        """The client's address: the nearest one that is no trusted proxy; "" where there is none."""
        hops = [request.remote or ""]
        for value in reversed(request.headers.getall("X-Forwarded-For", [])):
            hops += [hop.strip() for hop in reversed(value.rsplit(",", _MOST_HOPS))]
            if len(hops) > _MOST_HOPS:
                break
        for hop in hops[: _MOST_HOPS + 1]:
            if not self._trusted(hop):
                break
        address = _parse_address(hop)
        return str(address) if address else (request.remote or "")

    def is_local(self, request: web.Request) -> bool:
        """Whether the client is a process on this machine, and not somebody behind a proxy on it."""
        forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"))
        remote = _parse_address(request.remote or "")
        return remote is not None and remote.is_loopback and not forwarded

    def _trusted(self, hop: str) -> bool:
        address = _parse_address(hop)
        return address is not None and any(address in network for network in self.options.networks)

    def _is_ours(self, origin: str, host: str) -> bool:
        theirs = _site(origin)
        if theirs is None:
            return False
        if self.options.public_url and theirs == _site(self.options.public_url):
            return True
        # A proxy that terminates TLS hides the scheme from us, so only host and port are compared. Once the public
        # address is set, any other is refused unless it is this machine, where an operator may look directly.
        here = _site(f"{theirs[0]}://{host}")
        return theirs == here and (not self.options.public_url or _is_loopback_name(theirs[1]))


def session_token(request: web.Request) -> str:
    """The session cookie's value; "" without one."""
    return cookie_value(request, SESSION_COOKIE)


def cookie_value(request: web.Request, wanted: str) -> str:
    """One cookie; "" where it is not sent. Read by hand: http.cookies takes 5 ms for a header of cookies."""
    for pair in request.headers.get(hdrs.COOKIE, "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == wanted:
            return value
    return ""


def _site(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None:
        return None
    return parts.scheme, parts.hostname, port


def _is_loopback_name(host: str) -> bool:
    address = _parse_address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


GATE = web.AppKey("gate", Gate)

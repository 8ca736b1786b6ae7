"""Which addresses the service may connect to by itself: public ones, and private ones that the settings name.

Checked where the name is resolved, and connected to as checked, so that a name cannot lead elsewhere meanwhile.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from hotline.kernel.gate import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefusedError(OSError):
    """No address of this host may be connected to."""


def allowed(text: str, networks: Sequence[Network], *, public: bool) -> bool:
    """Whether this address may be connected to; `public`: also one outside the `networks`."""
    try:
        address = _inner(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if any(address in network for network in networks):
        return True
    return public and address.is_global and not address.is_multicast


class GuardedResolver(AbstractResolver):
    """Resolves names, and leaves out what may not be connected to."""

    def __init__(self, networks: Sequence[Network], *, public: bool, inner: AbstractResolver | None = None) -> None:
        self._networks = networks
        self._public = public
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        kept = [one for one in found if allowed(one["host"], self._networks, public=self._public)]
        if not kept:
            raise AddressRefusedError("no address of this host is allowed; see notices.private_networks")
        return kept

    async def close(self) -> None:
        await self._inner.close()


def guarded_connector(networks: Sequence[Network], *, public: bool) -> TCPConnector:
    """Names are resolved again for each connection."""
    return TCPConnector(resolver=GuardedResolver(networks, public=public), use_dns_cache=False, limit=8)


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, or itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address

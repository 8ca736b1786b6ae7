"""Addresses and ports of one's own, so that several Asterisks run side by side."""

from __future__ import annotations

import os
import random
import socket

_RANDOM = random.Random(os.urandom(8))
# Below the kernel's own range for outgoing connections, which would take a port between our look and our use.
_LOWEST, _HIGHEST = 20_000, 31_000
_given: set[int] = set()


def free_port(host: str = "127.0.0.1", *, kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port nobody listens on, never given twice by this process."""
    for _ in range(1000):
        port = _RANDOM.randrange(_LOWEST, _HIGHEST)
        if port in _given:
            continue
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise OSError(f"no free port on {host}")


def own_network() -> tuple[str, str, str]:
    """Three loopback addresses that belong together: for Asterisk, the trunk, and more phones."""
    net = f"127.{_RANDOM.randrange(16, 250)}.{_RANDOM.randrange(1, 250)}"
    return f"{net}.1", f"{net}.2", f"{net}.3"

"""Which process listens on a port, read from /proc."""

from __future__ import annotations

from pathlib import Path

_LISTENING = {"0A", "07"}
"""TCP LISTEN; UDP sockets are always in state 07."""


def owner_of(port: int, *, udp: bool = False, proc: Path = Path("/proc")) -> str:
    """The process listening on `port`, as "name (pid 7)"; "" if unknown."""
    inodes = _inodes(port, "udp" if udp else "tcp", proc)
    if not inodes:
        return ""
    for process in proc.iterdir():
        if not process.name.isdigit():
            continue
        try:
            holds = any(str(link.readlink()) in inodes for link in (process / "fd").iterdir())
        except OSError:
            continue  # gone, or another user's
        if holds:
            return f"{_name(process)} (pid {process.name})"
    return ""


def _name(process: Path) -> str:
    """What a person would call it: our Asterisk runs under a loader, which is what the kernel names."""
    name = (process / "comm").read_text().strip()
    words = (process / "cmdline").read_bytes().split(b"\0")
    return "asterisk" if name.startswith("ld-linux") and any(word.endswith(b"/asterisk") for word in words) else name


def _inodes(port: int, protocol: str, proc: Path) -> set[str]:
    found: set[str] = set()
    for table in (proc / "net" / protocol, proc / "net" / f"{protocol}6"):
        try:
            rows = table.read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if len(fields) > 9 and fields[3] in _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found

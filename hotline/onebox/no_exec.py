"""Start a program that can start no other: a seccomp filter refuses every execve after its own.

    python no_exec.py USER:GROUP /usr/sbin/asterisk -f …        # numeric ids, or "-" to stay who one is

Asterisk's AMI right `agi` runs any dialplan application, and two of those that it needs run programs: MixMonitor its
third argument, AGI its first. No option of Asterisk's takes that away, so the kernel does. Asterisk itself starts
nothing. Only the standard library: it runs by whatever Python there is, also from a systemd unit.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import secrets
import struct
import sys

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_MAP_FIXED_NOREPLACE = 0x100000
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1  # SECCOMP_RET_ERRNO | EPERM
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in struct seccomp_data."""
_X32 = 0x40000000
"""From here on an x86-64 kernel takes system calls by the x32 ABI."""
_SYSCALLS = {"x86_64": (0xC000003E, 59, 322), "aarch64": (0xC00000B7, 221, 281)}
"""By machine: AUDIT_ARCH, execve, execveat."""


def filter_program(architecture: int, execve: int, execveat: int, path_address: int) -> bytes:
    """The BPF program: execve with a path at `path_address` alone. That address means nothing once it has run."""
    low, high = path_address & 0xFFFFFFFF, path_address >> 32
    steps = (
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 0, 9, architecture),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 7, 0, _X32),
        (_EQUAL, 6, 0, execveat),
        (_EQUAL, 0, 4, execve),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 0, 3, low),
        (_LOAD, 0, 0, _FIRST_ARGUMENT + 4),
        (_EQUAL, 0, 1, high),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    )
    return b"".join(struct.pack("HBBI", *step) for step in steps)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def _path_at_random(libc: ctypes.CDLL, path: bytes) -> int:
    """Put `path` where no later string of the program will come to lie."""
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_FIXED_NOREPLACE
    for _ in range(100):
        wanted = (secrets.randbelow(0x3000_0000) + 0x1000_0000) << 16
        got = libc.mmap(wanted, mmap.PAGESIZE * 2, mmap.PROT_READ | mmap.PROT_WRITE, flags, -1, 0)
        if got == wanted:
            ctypes.memmove(wanted, path + b"\0", len(path) + 1)
            return wanted
    raise OSError("no memory for the program's path")


def run(command: list[str]) -> None:
    """Become `command`, which can start no program. Raises OSError where the kernel refuses the filter."""
    machine = platform.machine()
    if machine not in _SYSCALLS:
        raise OSError(f"no filter is known for {machine}")
    libc = ctypes.CDLL(None, use_errno=True)
    address = _path_at_random(libc, os.fsencode(command[0]))
    steps = filter_program(*_SYSCALLS[machine], address)
    program = _Program(len(steps) // 8, steps)
    arguments = (ctypes.c_char_p * (len(command) + 1))(*map(os.fsencode, command), None)
    pairs = [f"{name}={value}" for name, value in os.environ.items()]
    environment = (ctypes.c_char_p * (len(pairs) + 1))(*map(os.fsencode, pairs), None)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "the kernel takes no seccomp filter")
    libc.execve(ctypes.c_void_p(address), arguments, environment)
    raise SystemExit(f"{command[0]} cannot be run: {os.strerror(ctypes.get_errno())}")


def main(identity: str, command: list[str]) -> None:
    if identity != "-":
        user, group = map(int, identity.split(":"))
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    try:
        run(command)
    except OSError as error:
        # Callers come first: without the filter Asterisk is what it is everywhere else.
        print(f"WARNING: Asterisk could start other programs: {error}", file=sys.stderr, flush=True)  # noqa: T201
        os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

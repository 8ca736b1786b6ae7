"""When the service is ready: the parts that `/readyz` names, and what each must be."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.health import Check, HealthChecks, disk_check
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.journal import Journal
from ivr.ami.client import AmiClient
from ivr.lease import LEASE_VARIABLE, Lease


def readiness_of(
    *,
    database: Database,
    journal: Journal,
    ami: AmiClient,
    lease: Lease,
    served: asyncio.Event,
    jobs: JobRunner,
    directory: Check,
    recordings: Path,
    clock: Clock,
) -> HealthChecks:
    """`served` is set while Asterisk's calls and agents are known here. Critical is what callers notice."""
    checks = HealthChecks(clock)
    checks.add("database", database.ping, critical=False)
    checks.add("journal", journal.check, critical=False)
    checks.add("ami", _ami_check(ami, served), critical=True)
    checks.add("lease", _lease_check(ami, lease, clock), critical=True)
    checks.add("jobs", jobs.check, critical=False)
    checks.add("directory", directory, critical=False)
    checks.add("disk", disk_check(recordings), critical=False)
    return checks


def _ami_check(ami: AmiClient, served: asyncio.Event) -> Check:
    async def check() -> str:
        if not ami.ready:
            raise UnavailableError(f"The AMI connection is {ami.state.value}; callers get the safe flow.")
        if not served.is_set():
            raise UnavailableError("Asterisk is reached; its calls and agents are being compared.")
        return ami.state.value

    return check


def _lease_check(ami: AmiClient, lease: Lease, clock: Clock) -> Check:
    async def check() -> str:
        value = await ami.get_variable("", LEASE_VARIABLE)
        left = int(value or 0) - int(clock.now().timestamp())
        if left <= 0:
            raise UnavailableError("The lease has run out; callers get the safe flow.")
        if not lease.held:
            raise UnavailableError("Another service holds the lease; it is taken over when it runs out.")
        return f"{left} s left"

    return check

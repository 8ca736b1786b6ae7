"""The configuration as shipped, on a real Asterisk."""

from __future__ import annotations

import pytest

from tests.phones.asterisk import RealAsterisk

pytestmark = pytest.mark.real


async def test_a_start_leaves_no_warning_in_the_log(real_asterisk: RealAsterisk) -> None:
    lines = [line for line in real_asterisk.log_of_start.splitlines() if "WARNING" in line or "ERROR" in line]
    assert lines == []


async def test_it_does_not_run_as_root(real_asterisk: RealAsterisk) -> None:
    status = await real_asterisk.cli("core show settings")
    assert "User name and group:         root" not in status

"""Fixtures of all floors: the real Asterisk."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator

import pytest
import structlog

from tests.phones.asterisk import RealAsterisk

# Not structlog's own default: a trace of "rich" with the local variables takes longer than a test may.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

_ON_A_DATABASE = frozenset({"any_database", "any_url", "database"})
_running: list[RealAsterisk] = []
_log_start = pytest.StashKey[int]()


def _own_handlers() -> list[logging.Handler]:
    """Of the root logger, without pytest's, which come and go with each phase of a test."""
    return [each for each in logging.getLogger().handlers if not type(each).__module__.startswith("_pytest")]


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A command under test sets logging up for its process; the next test's would write to a stream that is closed."""
    root = logging.getLogger()
    before, level, config = _own_handlers(), root.level, structlog.get_config()
    yield
    if (after := _own_handlers()) != before:
        root.handlers[:] = [*(each for each in root.handlers if each not in after), *before]
        root.setLevel(level)
        logging.captureWarnings(False)
        structlog.configure(**config)


@pytest.fixture(scope="session")
def real_asterisk() -> Iterator[RealAsterisk]:
    """An Asterisk of this run alone, with our own configuration, six agents' endpoints and a trunk."""
    asterisk = RealAsterisk()
    try:
        asterisk.start_now()
        _running.append(asterisk)
        yield asterisk
    finally:
        _running.clear()
        asterisk.stop_now()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by its fixtures what works on a database, before `-m` chooses."""
    for item in items:
        if not _ON_A_DATABASE.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("database")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    item.stash[_log_start] = sum(asterisk.log_size() for asterisk in _running)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Between two modules the shared Asterisk forgets the agents and calls of the one before."""
    result = yield
    if nextitem is not None and nextitem.path != item.path and "real_asterisk" in getattr(item, "fixturenames", ()):
        for asterisk in _running:
            asterisk.clear_now()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and "real_asterisk" in getattr(item, "fixturenames", ()):
        for asterisk in _running:
            text = asterisk.log(item.stash.get(_log_start, 0)) or "(no warning, no error)"
            report.sections.append(("Asterisk's log", text))
    return report

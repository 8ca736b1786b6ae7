"""The AMI client: keeps one connection logged in, actions with deadlines, events decoded and passed on."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import random
from collections.abc import Callable
from datetime import timedelta

import structlog

from hotline.kernel.clock import Clock
from hotline.kernel.tasks import TaskOwner
from ivr.ami import metrics
from ivr.ami.decode import Decoder, Headers, MalformedEventError
from ivr.ami.exchange import AmiExchange
from ivr.ami.link import LASTING, REFUSED_RETRY, LinkState, LoginRefusedError, backoff
from ivr.ami.protocol import FencedManager, FencedProtocol
from ivr.ami.switchboard import AmiSwitchboard
from ivr.errors import ActionRefusedError, PhoneError, PhoneUnavailableError
from ivr.events import AsteriskBooted, PhoneEvent
from ivr.settings import AmiSettings

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT = timedelta(seconds=5)
BOOT_TIMEOUT = timedelta(seconds=15)
TICK = timedelta(milliseconds=50)
"""Deadlines are met within this."""


class AmiClient:
    """The link to AMI; `switchboard` commands calls over it, `exchange` sends any other action.

    `on_event` gets every decoded event, in order, on the loop; it must be quick and synchronous, and one that
    raises is logged and skipped. Nothing is ever sent twice: what was in flight when the connection broke fails
    with OutcomeUnknownError, and what is sent while it is down fails at once with PhoneUnavailableError. After
    each READY the owner asks for `switchboard.snapshot()`: events missed in between are not made up for.
    """

    def __init__(
        self,
        settings: AmiSettings,
        clock: Clock,
        on_event: Callable[[PhoneEvent], None],
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if inspect.iscoroutinefunction(on_event):
            raise TypeError("on_event must be synchronous: coroutines would run unordered and unbounded")
        self._clock = clock
        self._manager = FencedManager(self, host=settings.host, port=settings.port)
        self.exchange = AmiExchange(clock, self._manager, settings.action_timeout, lambda: self.ready)
        self.switchboard = AmiSwitchboard(self.exchange, clock)
        self._settings = settings
        self._on_event: Callable[[PhoneEvent], object] = on_event
        self._chance = chance
        self._tasks = TaskOwner("ami")
        self._state = LinkState.DOWN
        self._link_handlers: list[Callable[[LinkState], None]] = []
        self._started = False
        self._closed = False
        self._lost = asyncio.Event()
        self._booted = asyncio.Event()
        self._retry = asyncio.Event()
        self._misunderstood: set[str] = set()

    # --- life -------------------------------------------------------------------------------------------

    @property
    def state(self) -> LinkState:
        return self._state

    @property
    def ready(self) -> bool:
        return self._state is LinkState.READY

    def on_link(self, handler: Callable[[LinkState], None]) -> None:
        """Call `handler` with each new state, synchronously; one that raises is logged and skipped."""
        self._link_handlers.append(handler)

    async def start(self) -> None:
        """Begin to connect, without waiting for it. Safe to call twice; a closed client does not start again."""
        if self._closed:
            raise RuntimeError("a closed AmiClient does not start again")
        if not self._started:
            self._started = True
            self._tasks.spawn(self._run(), name="link")

    def retry(self) -> None:
        """After the cause of a refused log-in was fixed: retry now, not at the next slow attempt."""
        self._retry.set()

    async def close(self) -> None:
        """End the connection for good; what is in flight fails. Safe to call twice."""
        self._closed = True
        await self._tasks.close()
        self._manager.close()
        self._become(LinkState.DOWN)

    async def _run(self) -> None:
        failures = 0
        while not self._closed:
            began = self._clock.monotonic()
            try:
                await self._log_in()
                self._become(LinkState.READY)
                log.info("AMI connected", host=self._settings.host, port=self._settings.port)
                await self._lost.wait()
                log.warning("AMI connection lost")
            except LoginRefusedError as error:
                self._manager.close()
                await self._stay_refused(error)
                continue
            except (OSError, PhoneError) as error:
                if failures.bit_count() <= 1:  # the first, then at powers of two
                    log.warning("AMI not reachable", reason=type(error).__name__, failures=failures + 1)
            except Exception:
                log.exception("AMI link failed")  # our bug; callers still need the next attempt
            finally:
                self._manager.close()
            self._become(LinkState.DOWN)
            lasted = self._clock.monotonic() - began >= LASTING.total_seconds()
            failures = 1 if lasted else failures + 1
            await self._clock.sleep(backoff(failures, self._chance()))

    async def _stay_refused(self, error: LoginRefusedError) -> None:
        if self._state is not LinkState.REFUSED:
            log.error("AMI log-in refused", username=self._settings.username, hint=error.detail)
        self._become(LinkState.REFUSED)
        self._retry.clear()
        pause = self._tasks.spawn(self._retry_later(), name="retry")
        await self._retry.wait()
        pause.cancel()

    async def _retry_later(self) -> None:
        await self._clock.sleep(REFUSED_RETRY)
        self._retry.set()

    def _become(self, state: LinkState) -> None:
        if state is self._state:
            return
        self._state = state
        metrics.link_state(state, list(LinkState))
        for handler in tuple(self._link_handlers):
            try:
                handler(state)
            except Exception:
                log.exception("link handler failed", state=state)

    # --- connecting -------------------------------------------------------------------------------------

    async def _log_in(self) -> None:
        """Connect, log in and wait until Asterisk has booted; raises OSError or PhoneError."""
        if self._state is not LinkState.REFUSED:  # a retry of a refused log-in is logged only once it succeeds
            self._become(LinkState.CONNECTING)
        self._lost.clear()
        self._booted.clear()
        async with asyncio.timeout(CONNECT_TIMEOUT.total_seconds()):
            await self._manager.connect()
        protocol: FencedProtocol | None = self._manager.protocol
        if protocol is None or protocol.closed:
            raise PhoneUnavailableError("Asterisk closed the connection at once.")
        self._tasks.spawn(self._expire_actions(protocol), name="deadlines")
        await self._authenticate()
        self._tasks.spawn(self._keep_alive(protocol), name="ping")
        await self._booted.wait()  # set by FullyBooted, by its time limit, and by the end of the connection
        if self._lost.is_set():
            raise PhoneUnavailableError("The connection broke before Asterisk had booted.")

    async def _authenticate(self) -> None:
        """Log in by challenge, so that the secret itself is never on the wire."""
        challenge = (await self.exchange.exchange("Challenge", {"AuthType": "MD5"}))[0].get("Challenge", "")
        secret = self._settings.secret.get_secret_value()
        key = hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
        fields = {"AuthType": "MD5", "Username": self._settings.username, "Key": key, "Events": "on"}
        try:
            await self.exchange.exchange("Login", fields)
        except ActionRefusedError as error:
            raise LoginRefusedError(
                f"{error.detail}. Compare ami.username and ami.secret with Asterisk's manager.conf, and its permit"
                " list with our address; the log-in is tried again every minute."
            ) from error

    async def _expire_actions(self, protocol: FencedProtocol) -> None:
        while not protocol.closed:
            await self._clock.sleep(TICK)
            protocol.expire(self._clock.monotonic())

    async def _keep_alive(self, protocol: FencedProtocol) -> None:
        """Ping, and end a connection whose peer does not answer: TCP would not notice for minutes."""
        boot_limit = self._clock.monotonic() + BOOT_TIMEOUT.total_seconds()
        while not protocol.closed:
            sent = self._clock.monotonic()
            try:
                await self.exchange.exchange("Ping", {}, within=self._settings.ping_timeout)
            except PhoneError:
                if not protocol.closed:
                    log.warning("AMI ping not answered")
                    protocol.close()
                return
            now = self._clock.monotonic()
            metrics.ping_seconds.observe(now - sent)
            if not self._booted.is_set() and now >= boot_limit:
                log.warning("AMI sent no FullyBooted", hint="the AMI user needs read=system in manager.conf")
                self._booted.set()
            await self._clock.sleep(self._settings.ping_interval)

    # --- called by the connection (LinkOwner) -----------------------------------------------------------

    def link_lost(self, protocol: FencedProtocol) -> None:
        """The connection is over: no command may go out until the next log-in."""
        if self._manager.protocol in (protocol, None):
            if self._state is LinkState.READY:
                self._become(LinkState.DOWN)
            self._lost.set()
            self._booted.set()

    def event_came(self, name: bytes, decoder: Decoder, headers: Headers) -> None:
        """Decode and pass on one event; never raises."""
        try:
            event = decoder(headers)
        except MalformedEventError as error:
            metrics.fault("malformed")
            if (what := f"{name!r}: {error}") not in self._misunderstood:
                self._misunderstood.add(what)
                log.error("AMI event not understood", event_name=name.decode("ascii", "replace"), reason=str(error))
            return
        if event is None:
            return
        kind = type(event).__name__
        metrics.event_handed_on(kind)
        if isinstance(event, AsteriskBooted):
            self._booted.set()
        try:
            result = self._on_event(event)
            if result is not None and inspect.iscoroutine(result):
                result.close()
                raise TypeError("on_event returned a coroutine; it must be synchronous")
        except Exception:
            metrics.fault("handler")
            log.exception("phone event handler failed", event_type=kind)

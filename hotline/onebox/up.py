"""The one-box: an Asterisk of its own, prompts, demo data and the service, started and stopped together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

from pydantic import SecretStr

from cti.events import AgentsChanged
from hotline.accounts.offline import users_of
from hotline.app.asterisk_files import dialplan_has
from hotline.app.composition import Hotline, safe_flow_of
from hotline.app.settings import Settings
from hotline.kernel.clock import SystemClock
from hotline.kernel.logs import configure_logging
from hotline.kernel.migrate import upgrade
from hotline.kernel.settings import Section
from hotline.kernel.tasks import first_of
from hotline.onebox.account import unprivileged
from hotline.onebox.configure import Instance, configure, write_agents, write_safe_flow
from hotline.onebox.demo import DemoLogin, load_demo, specialist_phones
from hotline.onebox.distribution import Distribution
from hotline.onebox.errors import NotReadyError
from hotline.onebox.fetch import obtain
from hotline.onebox.keeper import ConfigurationKeeper
from hotline.onebox.keys import BoxSecrets, load_secrets, write_private
from hotline.onebox.log_rotation import LogRotation
from hotline.onebox.phones import MODULE, SPECIALIST_PHONES, phones_of
from hotline.onebox.preflight import check_machine, sole_instance
from hotline.onebox.process import AsteriskProcess
from hotline.onebox.render import AgentEndpoints
from hotline.onebox.safe_flow import SafeFlowFile
from ivr.prompts.library import ensure

Progress = Callable[[str], None]

LOGINS = "demo-logins.txt"
DIALPLAN = "pbx_config.so"
_PLACES = ("HOTLINE_HOME", "HOTLINE_CONFIG", "HOTLINE_AMI__HOST", "HOTLINE_AMI__PORT")
"""What a command needs to find the instance; never a secret."""
READY_WITHIN = timedelta(seconds=30)


class OneBox:
    """`async with OneBox(settings, …) as box: await box.start()`: leaving stops it in reverse, to the last process.

    That stops as well what a start had begun that failed or was cancelled.
    """

    def __init__(self, settings: Settings, *, demo: bool, progress: Progress) -> None:
        self.settings = settings
        self._demo = demo
        self._progress = progress
        self._stack = AsyncExitStack()
        self._hotline: Hotline

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def start(self) -> None:
        """Returns when callers are served. Once only.

        Raises `HotlineError` with one clear sentence for what this machine lacks or what would not start.
        """
        self._stack.enter_context(sole_instance(self.settings.home))
        await asyncio.to_thread(check_machine, self.settings)
        secrets = load_secrets(self.settings.home)
        self.settings = _with_secrets(self.settings, secrets.ami, secrets.web_caller)
        configure_logging(format=self.settings.log_format, level=self.settings.log_level)
        distribution, _ = await asyncio.gather(self._obtain(), self._make_prompts())
        async with self._step("Database"):
            await upgrade(self.settings.database_url)
            agents = await self._people()
            safe_flow = await safe_flow_of(self.settings)
        instance = configure(
            self.settings,
            distribution=distribution,
            agents=self._with_specialists(secrets, agents),
            account=unprivileged(),
        )
        write_safe_flow(instance, safe_flow)
        await self._run(instance)
        await self._keep_phones(instance)
        self._keep_safe_flow(instance)

    async def until_refused(self) -> NoReturn:
        """As `Hotline.until_refused`."""
        await self._hotline.until_refused()

    async def _obtain(self) -> Distribution:
        given_up = threading.Event()
        try:
            return await asyncio.to_thread(obtain, self.settings.cache, self._progress, given_up)
        finally:
            given_up.set()

    async def _run(self, instance: Instance) -> None:
        async with self._step("Asterisk"):
            self._asterisk = asterisk = AsteriskProcess(instance)
            self._stack.push_async_callback(asterisk.stop)
            await asterisk.start()
            rotation = LogRotation(instance.directories.log, asterisk.reload, SystemClock())
            self._stack.push_async_callback(rotation.close)
            rotation.start()
        async with self._step("Service"):
            self._hotline = hotline = await self._stack.enter_async_context(Hotline(self.settings))
            try:
                async with asyncio.timeout(READY_WITHIN.total_seconds()):
                    await first_of(hotline.until_ready(), hotline.until_refused())
            except TimeoutError:
                raise NotReadyError("The service did not become ready: " + await hotline.why_not_ready()) from None
        http = self.settings.http.model_copy(update={"port": hotline.http_port})
        self.settings = self.settings.model_copy(update={"http": http})

    async def _keep_phones(self, instance: Instance) -> None:
        """From now on, have Asterisk know the phones of whoever is an agent."""
        hotline = self._hotline

        async def write() -> bool:
            # Also the phones of those who were agents a moment ago and still talk.
            at_work = [session.number for session in hotline.cti.presence.sessions()]
            async with hotline.database.snapshot() as db:
                agents = await phones_of(db, also=at_work)
            return write_agents(self.settings, instance, self._with_specialists(instance.secrets, agents))

        keeper = ConfigurationKeeper("agent phones", write, self._asterisk.reload, MODULE, SystemClock())
        self._stack.push_async_callback(keeper.close)
        self._stack.callback(hotline.bus.subscribe(lambda _: keeper.look(), AgentsChanged))
        keeper.start()

    def _keep_safe_flow(self, instance: Instance) -> None:
        """From now on, have the dialplan serve callers by the live flow while the service is away."""
        hotline = self._hotline

        async def has(extension: str) -> bool:
            return await dialplan_has(hotline.ami.switchboard, extension)

        file = SafeFlowFile(instance, lambda: hotline.flows.default, self._asterisk.reload, has)
        keeper = ConfigurationKeeper("safe flow", file.write, file.reload, DIALPLAN, SystemClock())
        self._stack.push_async_callback(keeper.close)
        hotline.flows.on_change.append(keeper.look)
        keeper.start()

    def _with_specialists(self, secrets: BoxSecrets, agents: tuple[AgentEndpoints, ...]) -> tuple[AgentEndpoints, ...]:
        """The demo's specialists have phones too, but for a number that an agent has by now."""
        if not self._demo:
            return agents
        taken = {agent.number for agent in agents}
        return agents + tuple(p for p in specialist_phones(secrets.specialist_phones) if p.number not in taken)

    async def _make_prompts(self) -> None:
        async with self._step("Prompts"):
            report = await ensure(self.settings, self._show)
        if not report.complete:
            failed = ", ".join(sorted(report.failed) or report.missing)
            self._progress(f"These prompts could not be made and stay silent: {failed}")

    def _show(self, done: int, total: int, _path: str) -> None:
        if done % 20 == 0:
            self._progress(f"  prompts {done}/{total}")

    async def _people(self) -> tuple[AgentEndpoints, ...]:
        async with users_of(self.settings) as (accounts, database), database.transaction() as db:
            if self._demo:
                made = await load_demo(db, clock=SystemClock(), accounts=accounts, settings=self.settings.crm)
                if made:
                    _keep_logins(self.settings.home / LOGINS, made)
            return await phones_of(db)

    @contextlib.asynccontextmanager
    async def _step(self, name: str) -> AsyncIterator[None]:
        begun = time.monotonic()
        yield
        self._progress(f"{name} ready ({time.monotonic() - begun:.1f} s)")


def _with_secrets(settings: Settings, ami: str, web_caller: str) -> Settings:
    """The settings with the instance's own secrets where none are set."""
    update: dict[str, Section] = {}
    if not settings.ami.secret.get_secret_value():
        update["ami"] = settings.ami.model_copy(update={"secret": SecretStr(ami)})
    if not settings.asterisk.web_caller_secret.get_secret_value():
        update["asterisk"] = settings.asterisk.model_copy(update={"web_caller_secret": SecretStr(web_caller)})
    return settings.model_copy(update=update)


def _keep_logins(path: Path, made: list[DemoLogin]) -> None:
    """Add new log-ins to the file that only its owner reads."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    new = "".join(f"{login.username:<12} {login.password:<16} {login.name}, {login.roles}\n" for login in made)
    write_private(path, old + new)


def banner(settings: Settings) -> str:
    """What a newcomer needs: the address, the log-ins, and how to call."""
    logins = settings.home / LOGINS
    people = logins.read_text(encoding="utf-8").rstrip() if logins.exists() else "(see `hotline user create`)"
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.http.host, settings.http.host)  # noqa: S104  # shown
    address = settings.http.public_url or f"http://{host}:{settings.http.port}"
    sip = f"{settings.asterisk.sip_host}:{settings.asterisk.sip_port}"
    return f"""
The hotline answers. 热线已开通。

  Agents' page  坐席页面   {address}/workspace
  Call log      通话记录   {address}/calls
  Cases         工单       {address}/cases

  Log in as 演示账号 (user, password, who):
{_indent(people)}

  Call 12345 拨打热线:
    from a browser 浏览器        {address}/call
    from a SIP phone SIP 话机    register at {sip} with what `.venv/bin/hotline phone 1003` prints; dial 12345
    a specialist 政策专员        SIP phones {SPECIALIST_PHONES[0]} to {SPECIALIST_PHONES[-1]} register in the same way
    from here 命令行             {_carried()}.venv/bin/hotline call          (as an enterprise that the demo knows)

  Everything of this instance is in {settings.home}. Ctrl-C stops it all. 按 Ctrl-C 全部停止。
"""


def _carried() -> str:
    """The settings of this start that came by environment, for a command in another shell."""
    return "".join(f"{name}={value} " for name, value in sorted(os.environ.items()) if name in _PLACES)


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())

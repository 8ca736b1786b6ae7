"""When the service is ready: the parts that `/readyz` names, and what each must be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from callflow.document import Flow
from hotline.app.asterisk_files import AsteriskFiles
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.health import Check, HealthChecks, Hint, disk_check
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.journal import Journal
from ivr.ami.client import AmiClient
from ivr.dialplan import Variable
from ivr.lease import Lease

CRITICAL = frozenset({"ami", "lease"})
HINTS = {
    "ami": Hint(
        zh="确认 Asterisk 正在运行；[ami] 的地址、端口和密码须与 instance/manager.conf 一致。",
        en="See that Asterisk runs, and that [ami] host, port and secret are those of instance/manager.conf.",
    ),
    "lease": Hint(
        zh="若另有一套服务接管了本台 Asterisk，停掉不该运行的那一套；否则等待 10 秒，仍未恢复时重启本服务。",
        en="Stop the other service if one serves this Asterisk; else wait 10 s, then restart this service.",
    ),
    "database": Hint(
        zh="检查数据库是否运行、database.url 与密码是否正确、磁盘是否写满；恢复后自动补写。",
        en="See that the database runs, that database.url and its password are right, and that its disk has room; "
        "what waits is written by itself.",
    ),
    "journal": Hint(
        zh="事件正在暂存：恢复数据库，并保证 <home>/spool 所在磁盘有空间。",
        en="Events wait: bring the database back, and keep room on the disk of <home>/spool.",
    ),
    "jobs": Hint(
        zh="定时任务失败，会自动重试；原因见服务日志。",
        en="Timed work failed and is tried again by itself; the service's log has the reason.",
    ),
    "notices": Hint(
        zh="短信或 webhook 发送失败：在「消息」页查看原因，检查接收方与 [sms]、[notices] 设置；死信可重新发送。",
        en="SMS or webhooks fail: the messages page has the reason; see to the receiver and to [sms] and [notices], "
        "then send dead messages again.",
    ),
    "second_factor": Hint(
        zh="动态验证码无法校验：从备份恢复 accounts.second_factor_key 指定的密钥文件；期间可用恢复码登录，"
        "密钥确已丢失时，为用户重置二次验证。",
        en="Codes of apps cannot be checked: restore the file of accounts.second_factor_key from the backup. Recovery "
        "codes work meanwhile; where the key is lost, reset the second factor of each user.",
    ),
    "directory": Hint(
        zh="企业名录暂时读不到，来电识别沿用旧数据：检查数据库。",
        en="The enterprises cannot be read, callers are known as before: see to the database.",
    ),
    "flow": Hint(
        zh="打开「流程」页查看当前生效的版本；数据库暂时读不到时，来电仍按最后读到的流程接听。",
        en="The page of the flows shows what is in force; while the database cannot be read, callers are served by the "
        "flow that was read last.",
    ),
    "disk": Hint(
        zh="清理或迁走旧录音，或扩大录音所在磁盘；也可缩短 retention.recordings_days。",
        en="Move or remove old recordings, or enlarge their disk; a shorter retention.recordings_days helps too.",
    ),
    "prompts": Hint(
        zh="运行 `hotline prompt build`；自管 Asterisk 还须按 asterisk-config/README.md 建立 sounds 链接。",
        en="Run `hotline prompt build`; on a server of your own, also link `sounds` as asterisk-config/README.md says.",
    ),
    "music": Hint(
        zh="运行 `hotline prompt build`；自管 Asterisk 还须按 asterisk-config/README.md 建立 moh 链接，"
        "再执行 `asterisk -rx 'moh reload'`。",
        en="Run `hotline prompt build`; on a server of your own, also link `moh` as asterisk-config/README.md says, "
        "then `asterisk -rx 'moh reload'`.",
    ),
    "safe_flow": Hint(
        zh="运行 `hotline flow safe > /etc/asterisk/extensions_safe.conf`，再执行 `asterisk -rx 'dialplan reload'`。",
        en="Run `hotline flow safe > /etc/asterisk/extensions_safe.conf`, then `asterisk -rx 'dialplan reload'`.",
    ),
}
"""What to do, by part; the names of parts never change."""


def readiness_of(
    *,
    database: Database,
    journal: Journal,
    ami: AmiClient,
    lease: Lease,
    served: asyncio.Event,
    jobs: JobRunner,
    notices: Check,
    second_factor: Check,
    directory: Check,
    flow: Check,
    live_flow: Callable[[], Flow],
    recordings: Path,
    sounds: Path,
    clock: Clock,
) -> HealthChecks:
    """`served` is set while Asterisk's calls and agents are known here. Critical is what callers notice."""
    checks = HealthChecks(clock)
    asterisk = AsteriskFiles(ami.switchboard, sounds, live_flow)
    for name, check in {
        "ami": _ami_check(ami, served),
        "lease": _lease_check(ami, lease, clock),
        "database": database.ping,
        "journal": journal.check,
        "jobs": jobs.check,
        "notices": notices,
        "second_factor": second_factor,
        "directory": directory,
        "flow": flow,
        "disk": disk_check(recordings),
        "prompts": asterisk.check_prompts,
        "music": asterisk.check_music,
        "safe_flow": asterisk.check_safe_flow,
    }.items():
        checks.add(name, check, critical=name in CRITICAL, hint=HINTS[name])
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
        value = await ami.switchboard.get_variable("", Variable.LEASE)
        left = int(value or 0) - int(clock.now().timestamp())
        if left <= 0:
            raise UnavailableError("The lease has run out; callers get the safe flow.")
        if not lease.held:
            raise UnavailableError("Another service holds the lease; it is taken over when it runs out.")
        return f"{left} s left"

    return check

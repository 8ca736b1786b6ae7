"""The call log as a table for a spreadsheet."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from cti.calls.exports.pages import ExportedCall, Pages
from cti.calls.models import CallStepRow
from hotline.accounts.masking import mask_number, mask_numbers_in
from hotline.kernel.errors import InvalidInputError
from hotline.kernel.spreadsheet import Cell
from hotline.kernel.tabular_export import Lines

MOST_ROWS = 100_000
COLUMNS = (
    "通话编号 call_id",
    "开始时间 started_at",
    "主叫号码 caller_number",
    "主叫名称 caller_name",
    "企业 enterprise",
    "呼入方式 entry",
    "被叫号码 dialed",
    "流程 flow",
    "流程版本 flow_version",
    "流程路径及按键 path",
    "队列 queue",
    "结果 outcome",
    "话务员 agents",
    "振铃记录 attempts",
    "政策专员 specialists",
    "等待秒数 waited_seconds",
    "通话秒数 talk_seconds",
    "保持秒数 hold_seconds",
    "接听时间 answered_at",
    "结束时间 ended_at",
    "挂机方 ended_by",
    "挂机原因 cause (Q.850)",
    "满意度 survey",
    "录音 recording",
    "工单 cases",
    "应急流程原因 safe_reason",
    "记录有缺口 gap",
)


_TIMES = {"开始时间 started_at", "接听时间 answered_at", "结束时间 ended_at"}


def heading(zone: ZoneInfo) -> list[str]:
    """The first line; the times' zone is named in it."""
    return [f"{column} ({zone.key})" if column in _TIMES else column for column in COLUMNS]


class ExportTooLargeError(InvalidInputError):
    error_id = "export.too_large"
    title = "Too many calls for one export"


def cells(call: ExportedCall, zone: ZoneInfo) -> list[Cell]:
    """One line; numbers are masked as on the screen, and so are those that a caller has keyed."""
    row = call.row
    return [
        row.call_id,
        _time(row.started_at, zone),
        mask_number(row.caller_number),
        mask_numbers_in(row.caller_name),
        row.enterprise_name,
        row.entry,
        row.dialed,
        row.flow,
        _figure(row.flow_version),
        " > ".join(map(_step, call.path)),
        row.queue,
        row.outcome,
        " ".join(row.agents),
        "; ".join(f"{ring.agent} {ring.result} {ring.rang_seconds:.0f} s" for ring in call.attempts),
        "; ".join(f"{part.unit} {part.specialist} {part.result}" for part in call.threeway),
        row.waited_seconds,
        row.talk_seconds,
        row.hold_seconds,
        _time(row.answered_at, zone),
        _time(row.ended_at, zone),
        row.ended_by,
        _figure(row.cause),
        _figure(row.survey),
        "yes" if row.has_recording else "",
        " ".join(call.case_numbers),
        row.safe_reason,
        "yes" if row.gap else "",
    ]


def _step(step: CallStepRow) -> str:
    keys = f" [{mask_numbers_in(step.digits)}]" if step.digits else ""
    return f"{step.label or step.node}{keys}"


def _figure(value: int | None) -> Cell:
    return "" if value is None else value


def lines(pages: Pages, zone: ZoneInfo) -> Lines:
    return ([cells(call, zone) for call in page] async for page in pages)


def _time(value: datetime | None, zone: ZoneInfo) -> str:
    return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if value is not None else ""

"""The words of a case sheet (工单), which is printed and filed in Chinese."""

from __future__ import annotations

from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "draft": "草稿",
    "pending_review": "待审核",
    "need_info": "待补充",
    "pending_dispatch": "待派单",
    "dispatched": "已派单",
    "return_requested": "申请退单",
    "in_progress": "办理中",
    "extension_requested": "申请延期",
    "replied": "已答复",
    "callback": "回访中",
    "rework": "重办",
    "closed": "已办结",
    "archived": "已归档",
    "closed_direct": "直接答复",
    "not_accepted": "不予受理",
    "emergency_transferred": "已转紧急热线",
    "terminated": "已终止",
}
TYPES: Mapping[str, str] = {
    "consult": "咨询",
    "help": "求助",
    "suggestion": "建议",
    "complaint": "投诉",
    "report": "举报",
    "praise": "表扬",
}
URGENCIES: Mapping[str, str] = {"normal": "一般", "urgent": "紧急", "life_safety": "危及生命安全"}
CHANNELS: Mapping[str, str] = {"phone": "电话", "internet": "互联网", "media": "媒体"}
ROLES: Mapping[str, str] = {"lead": "主办", "assist": "协办", "sub": "下派"}
REPLIES: Mapping[str, str] = {"final": "正式答复", "interim": "阶段性答复"}


def worded(words: Mapping[str, str], value: str | None) -> str:
    """The word for `value`; the value itself where a newer one has none yet."""
    return words.get(value, value) if value else ""

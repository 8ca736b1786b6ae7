"""The words of a case sheet (工单) in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hotline.notices.templates import Language

Words = Mapping[str, str]

STATES: Words = {
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
TYPES: Words = {
    "consult": "咨询",
    "help": "求助",
    "suggestion": "建议",
    "complaint": "投诉",
    "report": "举报",
    "praise": "表扬",
}
URGENCIES: Words = {"normal": "一般", "urgent": "紧急", "life_safety": "危及生命安全"}
CHANNELS: Words = {"phone": "电话", "internet": "互联网", "media": "媒体"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetWords:
    states: Words
    types: Words
    urgencies: Words
    channels: Words
    roles: Words
    replies: Words
    labels: Words
    """Headings, and sentences with places for values."""


SHEET_WORDS: Mapping[Language, SheetWords] = {
    "zh": SheetWords(
        states=STATES,
        types=TYPES,
        urgencies=URGENCIES,
        channels=CHANNELS,
        roles={"lead": "主办", "assist": "协办", "sub": "下派"},
        replies={"final": "正式答复", "interim": "阶段性答复"},
        labels={
            "sheet": "政务服务便民热线工单",
            "case": "工单 {number}",
            "printed": "工单 {number}　{by} 打印于 {at}",
            "page": "第 {page} 页，共 {pages} 页",
            "number": "工单号",
            "state": "状态",
            "type": "诉求类型",
            "urgency": "紧急程度",
            "channel": "来源",
            "accepted_at": "受理时间",
            "accepted_by": "受理人",
            "dispatched_at": "派单时间",
            "signed_at": "签收时间",
            "closed_at": "办结时间",
            "enterprise": "企业",
            "callback_number": "回拨电话",
            "occurred_at": "发生时间",
            "place": "发生地点",
            "unit_complained_of": "被投诉（举报）单位",
            "content": "诉求内容",
            "demand": "服务对象的要求",
            "units": "承办单位",
            "replies": "答复",
            "course": "办理过程",
            "unit": "{role}：{unit}（第 {round} 轮）",
            "unit_assigned": "派单：{at}",
            "unit_signed": "签收：{at}",
            "unit_due": "期限：{at}",
            "unit_advice": "派单意见：{advice}",
            "internal": "内部办理情况：{text}",
        },
    ),
    "en": SheetWords(
        states={
            "draft": "Draft",
            "pending_review": "To review",
            "need_info": "Needs information",
            "pending_dispatch": "To dispatch",
            "dispatched": "Dispatched",
            "return_requested": "Return requested",
            "in_progress": "In progress",
            "extension_requested": "Extension requested",
            "replied": "Replied",
            "callback": "To call back",
            "rework": "Rework",
            "closed": "Closed",
            "archived": "Archived",
            "closed_direct": "Answered directly",
            "not_accepted": "Not accepted",
            "emergency_transferred": "To emergency line",
            "terminated": "Terminated",
        },
        types={
            "consult": "Inquiry",
            "help": "Request for help",
            "suggestion": "Suggestion",
            "complaint": "Complaint",
            "report": "Report",
            "praise": "Praise",
        },
        urgencies={"normal": "Normal", "urgent": "Urgent", "life_safety": "Life at risk"},
        channels={"phone": "Phone", "internet": "Internet", "media": "Media"},
        roles={"lead": "Lead", "assist": "Assisting", "sub": "Sub-dispatched"},
        replies={"final": "Final reply", "interim": "Interim reply"},
        labels={
            "sheet": "Government Service Hotline: Case Sheet",
            "case": "Case {number}",
            "printed": "Case {number}, printed by {by} on {at}",
            "page": "Page {page} of {pages}",
            "number": "Case number",
            "state": "State",
            "type": "Type",
            "urgency": "Urgency",
            "channel": "Channel",
            "accepted_at": "Accepted at",
            "accepted_by": "Accepted by",
            "dispatched_at": "Dispatched at",
            "signed_at": "Signed at",
            "closed_at": "Closed at",
            "enterprise": "Enterprise",
            "callback_number": "Callback number",
            "occurred_at": "Happened at",
            "place": "Place",
            "unit_complained_of": "Unit complained of",
            "content": "What it is about",
            "demand": "What is asked for",
            "units": "Handling units",
            "replies": "Replies",
            "course": "Course",
            "unit": "{role}: {unit} (round {round})",
            "unit_assigned": "Dispatched: {at}",
            "unit_signed": "Signed: {at}",
            "unit_due": "Due: {at}",
            "unit_advice": "Advice: {advice}",
            "internal": "Internal handling: {text}",
        },
    ),
}


def worded(words: Words, value: str | None) -> str:
    """The word for `value`; the value itself where a newer one has none yet."""
    return words.get(value, value) if value else ""

"""What is searched: some 2,000 entries built from hand-written matters, and the demo city's own.

A matter (`matters/*.yaml`) is written once as facts; each aspect of it that callers ask for becomes an entry, some of
them in each district too. So near neighbours compete, as they do in a city: one matter's aspects, one aspect of like
matters, one answer in four districts. The same each time.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from crm.knowledge.content import KnowledgeContent
from crm.knowledge.models import AnswerScope, KnowledgeKind

HERE = Path(__file__).parent
DISTRICTS = ("海勃湾区", "乌达区", "海南区", "高新区")
_HOURS = "工作日上午九点到十二点，下午两点半到五点半"
_KINDS = {
    "place": KnowledgeKind.PLACE_AND_HOURS,
    "fee": KnowledgeKind.QUESTION_AND_ANSWER,
    "advice": KnowledgeKind.QUESTION_AND_ANSWER,
    "returned": KnowledgeKind.QUESTION_AND_ANSWER,
    "change": KnowledgeKind.CHANGE_AND_INSPECTION,
    "renew": KnowledgeKind.CHANGE_AND_INSPECTION,
    "conditions": KnowledgeKind.SERVICE_ITEM,
    "materials": KnowledgeKind.SERVICE_ITEM,
}
_TITLES = {
    "conditions": ("{name}需要什么条件", "{name}的申请条件", "{name}哪些人能申请"),
    "materials": ("{name}要哪些材料", "{name}材料清单", "{name}需要准备什么资料"),
    "steps": ("{name}办理流程", "{name}怎么办", "{name}分几步走"),
    "time": ("{name}多久能办完", "{name}办理时限", "{name}要几个工作日"),
    "fee": ("{name}收费吗", "{name}收费标准", "{name}要交多少钱"),
    "place": ("{name}在哪里办", "{name}办理地点和时间", "{name}窗口在哪"),
    "online": ("{name}网上怎么申请", "{name}能不能网上办", "{name}线上办理入口"),
    "advice": ("{name}咨询电话", "{name}找谁咨询", "{name}业务咨询"),
    "returned": ("{name}常见退回原因", "{name}为什么被退回", "{name}补正注意什么"),
    "change": ("{name}信息变更", "{name}有变化怎么改", "{name}变更手续"),
    "cancel": ("{name}怎么注销", "{name}注销手续", "{name}不用了怎么办注销"),
    "renew": ("{name}到期延续", "{name}到期怎么办", "{name}延续换证"),
}
_ANSWERS = {
    "conditions": (
        "{who}。由{unit}受理，符合条件的{within}。拿不准是不是符合的，先打12345转企业专席问清楚，再准备材料。",
        "条件是：{who}。{unit}按公布的标准审核，不会另外加条件；不符合的当场说明理由，并告诉您差在哪里。",
    ),
    "materials": (
        "一共要这些：{papers}。网上传清晰的照片或者扫描件就行，窗口能查到的证照不用再交复印件。",
        "请准备{papers}。材料齐全的{within}；缺的由{unit}一次性告知，补齐再交，不用重新排队。",
    ),
    "steps": (
        "按这几步走：{steps}。每一步办完手机会收到短信，凭受理编号随时能查到办到哪里，全程由{unit}负责。",
        "流程是{steps}。线上线下标准一样，{within}，结果可以邮寄，也可以到窗口自取。",
    ),
    "time": (
        "{Within}，从材料齐全、正式受理的那天算起，补正和公示的时间不算在里面。超过时限可以打12345催办。",
        "法定时限以内压缩办理，{within}。着急用的可以向{unit}窗口说明，符合容缺条件的先受理后补。",
    ),
    "fee": (
        "{fee}。窗口和网上都一样，凡是另外要钱的都可以拒绝，并打12345举报。",
        "{fee}，交费后开电子票据。中介替您跑腿收的是服务费，和{unit}没有关系，可以不找中介。",
    ),
    "place": (
        "到{where}{spot}，{_hours}。到以前可以在小程序预约取号，带好身份证件。",
        "{where}，{spot}，{_hours}，周六上午可以预约办急件。节假日不上班，网上随时可以提交。",
    ),
    "online": (
        "登录政务服务网，搜这个事项，实名认证以后按提示填报，上传{papers}，提交后{within}。手机小程序一样能办。",
        "可以全程网办。在政务服务网选部门“{unit}”，点在线办理，电子签名后提交，不用再送纸质材料。",
    ),
    "advice": (
        "工作时间打{phone}，由{unit_here}的工作人员答复；下班以后和占线时打12345，转企业专席记下来，一个工作日里回电话。",
        "先问{unit_here}，电话{phone}，{_hours}；政策拿不准的，专席可以三方通话接通政策专员。",
    ),
    "returned": (
        "最常见的是{trap}。提交以前对照清单看一遍，退回时会写明原因，改好以后从原来的编号接着办，不用重填。",
        "多数是因为{trap}，其次是照片不清楚、签名漏了。看退回意见逐条补，拿不准的打{phone}问。",
    ),
    "change": (
        "{change}。带上变更以后的证明材料，由{unit}核对后更新，原来的证件同时换新。",
        "{change}，网上提交就可以。没有按期变更的，检查发现会责令改正。",
    ),
    "cancel": (
        "{cancel}。提交以后由{unit}核对，没有未了结的事情就办结，并在网上公布。",
        "{cancel}，网上和窗口都能办，不收费。办完以后原来的证件不能再用。",
    ),
    "renew": (
        "{renew}。网上提交，条件没有变化的可以承诺办理，过期以后要重新申请，不能边过期边经营。",
        "{renew}，请留意证件上的日期，系统会在到期前发短信提醒。由{unit}审查，办结换新证。",
    ),
}
_IN_DISTRICTS = ("place", "advice")


@dataclass(frozen=True, slots=True)
class EntryKey:
    """What an entry is about, as the judges' rules name it."""

    matter: str
    aspect: str
    district: str = ""


@dataclass(frozen=True, slots=True)
class JudgedEntry:
    key: EntryKey
    content: KnowledgeContent


def bench_entries() -> list[JudgedEntry]:
    """In an order that has nothing to do with what they are about."""
    found = [
        entry
        for file in sorted((HERE / "matters").glob("*.yaml"))
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))
        for matter in group["matters"]
        for entry in _entries_of(matter, group["unit"], local=group.get("local", False))
    ]
    return sorted(found, key=lambda entry: zlib.crc32(repr(entry.key).encode()))


def demo_keys() -> dict[str, EntryKey]:
    """By the title of the demo's entry; those it leaves out are about nothing that is asked."""
    text = (HERE / "demo_keys.yaml").read_text(encoding="utf-8")
    keys = (line.split(": ") for line in text.splitlines() if line and not line.startswith("#"))
    return {title: EntryKey(*subject.split("/")) for title, subject in keys}


def _entries_of(matter: dict[str, Any], unit: str, *, local: bool) -> Iterator[JudgedEntry]:
    for aspect in _TITLES:
        if aspect not in ("change", "cancel", "renew") or aspect in matter:
            yield _entry(matter, unit, EntryKey(matter["key"], aspect))
    for district in DISTRICTS if local else ():
        for aspect in _IN_DISTRICTS:
            yield _entry(matter, unit, EntryKey(matter["key"], aspect, district))


def _entry(matter: dict[str, Any], unit: str, key: EntryKey) -> JudgedEntry:
    chance = zlib.crc32(repr(key).encode())
    titles, answers = _TITLES[key.aspect], _ANSWERS[key.aspect]
    title, answer = titles[chance % len(titles)], answers[chance // 7 % len(answers)]
    words = {"fee": "不收费"} | matter | _told(matter, unit, key, chance)
    content = KnowledgeContent(
        title=key.district + title.format(**words),
        kind=_KINDS.get(key.aspect, KnowledgeKind.PROCEDURE),
        scope=AnswerScope.PUBLIC,
        answer=answer.format(**words),
        issuing_body=words["unit_here"],
        keywords=matter["also"],
        region=key.district,
    )
    return JudgedEntry(key, content)


def _told(matter: dict[str, Any], unit: str, key: EntryKey, chance: int) -> dict[str, str]:
    within = f"{matter['days']}个工作日里办结" if matter["days"] else "当场办结"
    return {
        "unit": unit,
        "unit_here": key.district + unit if key.district else unit,
        "where": f"{key.district}政务服务中心" if key.district else "滨河大道市政务服务中心",
        "within": within,
        "Within": within,
        "phone": f"0473-2990{200 + chance % 700}",
        "_hours": _HOURS,
    }

"""The columns of a file of entries, and the words in its cells; the same for import and export. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crm.cases.models import LifeCycleStage
from crm.knowledge.models import AnswerScope, KnowledgeKind
from crm.public_knowledge.texts import KINDS, PublicLanguage
from hotline.kernel.imports.ports import ImportColumn

TEXTS: Mapping[str, tuple[str, str]] = {
    "answer": ("答复口径", "Answer"),
    "details": ("详细内容", "Details"),
    "issuing_body": ("发布单位", "Issuing body"),
    "document_number": ("文号", "Document number"),
    "source": ("来源网址", "Source"),
    "region": ("适用地区", "Region"),
    "effective_on": ("生效日期", "Effective on"),
    "expires_on": ("失效日期", "Expires on"),
    "title_en": ("英文标题", "English title"),
    "answer_en": ("英文答复", "English answer"),
    "details_en": ("英文详细内容", "English details"),
}
LISTS: Mapping[str, tuple[str, str]] = {
    "keywords": ("关键词", "Keywords"),
    "synonyms": ("企业的说法", "What callers say"),
    "industries": ("行业", "Industries"),
}
INCENTIVE: Mapping[str, tuple[str, str]] = {
    "beneficiaries": ("惠及对象", "Beneficiaries"),
    "conditions": ("申报条件", "Conditions"),
    "fulfilled_within": ("兑现时限", "Fulfilled within"),
    "address": ("受理地址", "Address"),
    "phone": ("咨询电话", "Phone"),
}
REFERENCES: Mapping[str, tuple[str, str]] = {
    "item_ids": ("相关事项编码", "Item codes"),
    "related_ids": ("相关知识编号", "Related ids"),
    "specialist_ids": ("政策专员编号", "Specialist ids"),
}
CONTINUED: Mapping[str, tuple[str, str]] = {
    "details_more": ("详细内容（续）", "Details continued"),
    "details_en_more": ("英文详细内容（续）", "English details continued"),
}
"""A spreadsheet's cell holds no more than 32,767 characters."""
_CELL = 30_000
_CUT = "…"
"""Where a text was cut, so that the spaces there are not lost at the ends of the cells."""


def _column(key: str, names: tuple[str, ...], *, required: bool = False) -> ImportColumn:
    return ImportColumn(key=key, names=names, required=required)


COLUMNS: Sequence[ImportColumn] = (
    _column("id", ("编号", "Id", "知识编号")),
    _column("title", ("标题", "Title", "名称", "问题", "事项名称"), required=True),
    _column("unit", ("所属单位", "Unit", "承办单位", "责任单位")),
    _column("kind", ("类别", "Kind", "知识类别")),
    _column("category", ("分类", "Category", "目录")),
    _column("scope", ("可答复范围", "Scope", "公开范围")),
    *(_column(key, names) for key, names in (*TEXTS.items(), *LISTS.items())),
    _column("stages", ("企业阶段", "Stages")),
    *(_column(key, names) for key, names in (*INCENTIVE.items(), *REFERENCES.items(), *CONTINUED.items())),
)


def _words(*kinds: Mapping[Any, str]) -> dict[str, str]:
    """Values by themselves and by their names, as `choice_cell` folds what is typed."""
    found: dict[str, str] = {}
    for kind in kinds:
        for value, word in kind.items():
            found |= {re.sub(r"[\s_]+", "", form).casefold(): str(value) for form in (word, value)}
    return found


SCOPES: Mapping[AnswerScope, str] = {
    AnswerScope.PUBLIC: "公开",
    AnswerScope.AGENT: "话务员可答",
    AnswerScope.SPECIALIST: "仅专员可答",
}
STAGES: Mapping[LifeCycleStage, str] = {
    LifeCycleStage.ESTABLISH: "设立",
    LifeCycleStage.OPERATE: "经营",
    LifeCycleStage.CHANGE: "变更",
    LifeCycleStage.DEREGISTER: "注销",
}
KIND_NAMES: Mapping[KnowledgeKind, str] = KINDS[PublicLanguage.CHINESE]
KIND_WORDS = _words(KIND_NAMES, KINDS[PublicLanguage.ENGLISH])
SCOPE_WORDS = _words(SCOPES)
STAGE_WORDS = _words(STAGES)
_SEPARATORS = re.compile(r"[,;、，；/\n]+")  # noqa: RUF001  # as Chinese keyboards have them


def split(text: str) -> list[str]:
    """The parts of a cell that holds several: between bars where it has one, else between commas and the like."""
    parts = text.split("|") if "|" in text else _SEPARATORS.split(text)
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def joined(parts: Sequence[str]) -> str:
    """What `split` makes the same parts of."""
    text = " | ".join(parts)
    return f"{text} |" if len(parts) == 1 and _SEPARATORS.search(text) else text


def halves(text: str) -> tuple[str, str]:
    """What fits into one cell, and the rest."""
    return (text, "") if len(text) <= _CELL else (f"{text[:_CELL]}{_CUT}", f"{_CUT}{text[_CELL:]}")


def whole(first: str, rest: str) -> str:
    """What `halves` made of it, or just one after the other."""
    if first.endswith(_CUT) and rest.startswith(_CUT):
        return first.removesuffix(_CUT) + rest.removeprefix(_CUT)
    return first + rest

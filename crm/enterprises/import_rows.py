"""What one row of a file of enterprises says. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from crm.enterprises.credit_codes import CreditCodeInvalidError, require_credit_code
from crm.enterprises.models import EnterpriseKind, EnterpriseSize, NumberPurpose
from crm.enterprises.names import search_forms
from crm.enterprises.numbers import NumberPlan
from crm.enterprises.schemas import MOST_NUMBERS, Name, PersonName, RoleName, Words
from hotline.kernel.imports.cells import choice_cell, text_cell
from hotline.kernel.imports.ports import ImportColumn, ImportedRecord, PreparedRow, RowProblem
from hotline.kernel.words import plain

COLUMNS = (
    ImportColumn(key="name", names=("企业名称", "Name", "名称", "单位名称", "公司名称", "enterprise"), required=True),
    ImportColumn(
        key="credit_code", names=("统一社会信用代码", "Credit code", "信用代码", "社会信用代码", "USCC", "注册号")
    ),
    ImportColumn(key="kind", names=("类型", "Kind", "企业类型", "主体类型", "type")),
    ImportColumn(key="industry", names=("行业", "Industry", "所属行业", "行业类别")),
    ImportColumn(key="size", names=("规模", "Size", "企业规模")),
    ImportColumn(key="contact", names=("联系人", "Contact", "联系人姓名", "姓名", "法定代表人")),
    ImportColumn(key="role", names=("职务", "Role", "角色", "职位", "position")),
    ImportColumn(
        key="number",
        names=("联系电话", "Phone", "电话", "手机", "手机号", "电话号码", "联系方式", "mobile", "telephone"),
    ),
    ImportColumn(key="callback", names=("回拨电话", "Callback number", "回电号码", "callback")),
)
UNNAMED_CONTACT = "联系人"
"""Who answers a number that came without a name."""

_KINDS = {
    "企业": EnterpriseKind.ENTERPRISE,
    "enterprise": EnterpriseKind.ENTERPRISE,
    "个体工商户": EnterpriseKind.INDIVIDUAL_BUSINESS,
    "个体": EnterpriseKind.INDIVIDUAL_BUSINESS,
    "individualbusiness": EnterpriseKind.INDIVIDUAL_BUSINESS,
    "民营企业": EnterpriseKind.PRIVATE_ENTERPRISE,
    "私营企业": EnterpriseKind.PRIVATE_ENTERPRISE,
    "私营": EnterpriseKind.PRIVATE_ENTERPRISE,
    "民营": EnterpriseKind.PRIVATE_ENTERPRISE,
    "privateenterprise": EnterpriseKind.PRIVATE_ENTERPRISE,
}
_SIZES = {
    **dict.fromkeys(("微型", "微", "微型企业", "micro"), EnterpriseSize.MICRO),
    **dict.fromkeys(("小型", "小", "小型企业", "small"), EnterpriseSize.SMALL),
    **dict.fromkeys(("中型", "中", "中型企业", "medium"), EnterpriseSize.MEDIUM),
    **dict.fromkeys(("大型", "大", "大型企业", "large"), EnterpriseSize.LARGE),
}
_SEPARATOR = re.compile(r"[,;、/|\n]+")
_TEXTS: Mapping[str, TypeAdapter[str]] = {
    "name": TypeAdapter(Name),
    "industry": TypeAdapter(Words),
    "contact": TypeAdapter(PersonName),
    "role": TypeAdapter(RoleName),
}


def prepare_row(record: ImportedRecord, plan: NumberPlan) -> PreparedRow:
    """The row as values to store, or with all that is wrong with it."""
    problems: list[RowProblem] = []
    value: dict[str, Any] = {"name": "", "credit_code": None, "contact": "", "role": "", "numbers": []}
    for key, adapter in _TEXTS.items():
        if key == "name" or record.values.get(key, ""):
            value[key] = text_cell(record, key, adapter, problems)
    value["kind"] = choice_cell(record, "kind", _KINDS, problems)
    value["size"] = choice_cell(record, "size", _SIZES, problems)
    value["credit_code"] = _code(record, problems)
    value["numbers"] = _numbers(record, plan, problems)
    if value["numbers"] and not value["contact"]:
        value["contact"] = UNNAMED_CONTACT
    row = PreparedRow(number=record.number, subject=value["name"] or record.values.get("name", "")[:100])
    if problems:
        row.problems = problems
        return row
    value |= search_forms(value["name"])
    row.value = value
    row.keys, row.seeks = keys_of(value["credit_code"], value["name_folded"])
    return row


def keys_of(code: str | None, folded: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """By which other rows of the file know this one, and by which it looks for rows above.

    Two rows of one name and different codes are two enterprises; a row without a code is the one of that name.
    """
    folded = folded[:390]
    if code is None:
        return (f"name:{folded}",), (f"name:{folded}", f"coded:{folded}")
    return (f"code:{code}", f"coded:{folded}"), (f"code:{code}", f"name:{folded}")


def _code(record: ImportedRecord, problems: list[RowProblem]) -> str | None:
    text = record.values.get("credit_code", "")
    if not plain(text).strip():
        return None
    try:
        return require_credit_code(text).code
    except CreditCodeInvalidError as error:
        code = f"credit_code_{error.fault}"
        problems.append(RowProblem(code=code, detail=error.detail, column="credit_code"))
        return None


def _numbers(record: ImportedRecord, plan: NumberPlan, problems: list[RowProblem]) -> list[list[str]]:
    found: dict[tuple[str, str], None] = {}
    for key, purpose in (("number", NumberPurpose.CALLER), ("callback", NumberPurpose.CALLBACK)):
        for text in filter(str.strip, _SEPARATOR.split(plain(record.values.get(key, "")))):
            number = plan.canonical(text)
            if number is None:
                problems.append(
                    RowProblem(
                        code="number_invalid",
                        detail="It is not a telephone number; write a mobile number or a landline with its area code.",
                        column=key,
                    )
                )
            else:
                found[number, purpose] = None
    if len(found) > MOST_NUMBERS:
        problems.append(
            RowProblem(
                code="too_many_numbers", detail=f"A contact has at most {MOST_NUMBERS} numbers.", column="number"
            )
        )
    return [list(pair) for pair in found]

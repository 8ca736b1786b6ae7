"""Why pydantic refuses a value, in words that a flow's author understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ZH: Mapping[str, str] = {
    "string_type": "应为文字",
    "string_pattern_mismatch": "格式应符合 {pattern}",
    "string_too_long": "最多 {max_length} 个字符",
    "string_too_short": "至少 {min_length} 个字符",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "dict_type": "应为“名称: 值”的列表",
    "model_type": "应为“名称: 值”的列表",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "literal_error": "应为 {expected}",
    "time_delta_parsing": "应为时长，例如 PT5S",
    "time_delta_type": "应为时长，例如 PT5S",
    "date_from_datetime_parsing": "应为日期，例如 2026-10-01",
    "date_parsing": "应为日期，例如 2026-10-01",
    "date_type": "应为日期，例如 2026-10-01",
}


def reason_of(entry: Mapping[str, Any]) -> Mapping[str, str]:
    """One of pydantic's errors in both languages; where ours has no words, theirs."""
    english = str(entry.get("msg", "")).removeprefix("Value error, ")
    words = _ZH.get(str(entry.get("type")), "")
    context = {name: str(value) for name, value in (entry.get("ctx") or {}).items()}
    try:
        chinese = words.format(**context) if words else english
    except (KeyError, IndexError):
        chinese = english
    return {"zh": chinese, "en": english}

"""The settings in force, as a page may show them: where each comes from, and no secret."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, SecretStr

from hotline.app.settings import Settings, settings_file
from hotline.kernel.settings import Section

Origin = Literal["default", "file", "environment", "command_line"]
_USER_INFO = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_SECRET_PARAMETER = re.compile(r"(?i)\b((?:\w*(?:password|passwd|secret|token|key|credential)\w*)=)[^&\s]+")
HIDDEN = "***"


class SettingView(BaseModel):
    name: str
    """As in the file, with its table: http.port."""
    value: str
    """Empty for a secret."""
    secret: bool
    is_set: bool
    origin: Origin
    where: str
    """The file, or the environment variable."""


def settings_in_force(settings: Settings, environment: Mapping[str, str] | None = None) -> list[SettingView]:
    """In the order of the model. The file is read again: what changed in it since the start is not in force."""
    environment = os.environ if environment is None else environment
    path = settings.config or settings_file()
    tables = _read(path)
    return [_view(names, value, default, environment, path, tables) for names, value, default in _leaves(settings)]


def _leaves(settings: Settings) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, Section):
            for inner, inner_field in type(value).model_fields.items():
                yield (name, inner), getattr(value, inner), inner_field.get_default(call_default_factory=True)
        else:
            yield (name,), value, field.get_default(call_default_factory=True)


def _view(
    names: tuple[str, ...],
    value: Any,
    default: Any,
    environment: Mapping[str, str],
    path: Path,
    tables: Mapping[str, Any],
) -> SettingView:
    secret = isinstance(value, SecretStr)
    origin, where = _origin(names, environment, path, tables)
    if origin == "default" and value != default:
        origin = "command_line"
    return SettingView(
        name=".".join(names),
        value="" if secret else _text(value),
        secret=secret,
        is_set=bool(value.get_secret_value()) if secret else _text(value) != "",
        origin=origin,
        where=where,
    )


def _origin(
    names: tuple[str, ...], environment: Mapping[str, str], path: Path, tables: Mapping[str, Any]
) -> tuple[Origin, str]:
    for depth in range(len(names), 0, -1):
        variable = "HOTLINE_" + "__".join(names[:depth]).upper()
        if variable in environment:
            return "environment", variable
    table: Any = tables
    for name in names:
        if not isinstance(table, Mapping) or name not in table:
            return "default", ""
        table = table[name]
    return "file", str(path)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (tuple, list)):
        return ", ".join(map(_text, value))
    return _SECRET_PARAMETER.sub(rf"\1{HIDDEN}", _USER_INFO.sub(HIDDEN, str(value)))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        # It was readable when the service started; what it says now is not in force.
        return {}

"""From a handler's signature to the way its arguments are read from a request."""

from __future__ import annotations

import asyncio
import inspect
import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args, get_origin

import orjson
from aiohttp import hdrs, web
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from hotline.kernel.errors import HotlineError
from hotline.kernel.http import Route
from hotline.kernel.problems import FieldError, MalformedInputError, malformed

_PLACEHOLDER = re.compile(r"\{(\w+)(?::[^{}]*)?\}")
_MOST_PARAMETERS = 200
_LONGEST_NAME = 100
_MANY = (list, set, tuple, frozenset)


class UnsupportedMediaTypeError(HotlineError):
    error_id = "http.unsupported_media_type"
    status = 415
    title = "The body must be JSON"


class BrokenBodyError(HotlineError):
    error_id = "http.broken_body"
    status = 400
    title = "The body did not arrive whole"


class TooSlowError(HotlineError):
    error_id = "http.request_timeout"
    status = 408
    title = "The request came too slowly"


@dataclass(frozen=True, slots=True)
class Binding:
    """How one route's arguments are made, and what it returns."""

    path: Mapping[str, TypeAdapter[Any]]
    query: type[BaseModel] | None
    body: TypeAdapter[Any] | None
    result: TypeAdapter[Any] | None

    def path_arguments(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Raises `MalformedInputError`."""
        return {name: self._path_value(name, adapter, values[name]) for name, adapter in self.path.items()}

    @staticmethod
    def _path_value(name: str, adapter: TypeAdapter[Any], value: str) -> Any:
        _refuse_nul(value, f"path.{name}")
        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            raise malformed(error, f"path.{name}") from None

    def query_argument(self, request: web.Request) -> BaseModel | None:
        """Raises `MalformedInputError`."""
        if self.query is None:
            return None
        if len(request.query) > _MOST_PARAMETERS:
            raise MalformedInputError([FieldError(where="query", what=f"more than {_MOST_PARAMETERS} parameters")])
        many = _many_valued(self.query)
        values: dict[str, Any] = {}
        for key in dict.fromkeys(request.query):
            given = request.query.getall(key)
            for value in given:
                _refuse_nul(value, f"query.{key[:_LONGEST_NAME]}")
            if len(given) > 1 and key not in many:
                raise MalformedInputError(
                    [FieldError(where=f"query.{key[:_LONGEST_NAME]}", what="given more than once")]
                )
            values[key] = given if key in many else given[0]
        try:
            return self.query.model_validate(values)
        except ValidationError as error:
            raise malformed(error, "query") from None

    def body_argument(self, raw: bytes) -> Any:
        """Raises `MalformedInputError`."""
        if self.body is None:
            return None
        try:
            value = self.body.validate_json(raw)
        except ValidationError as error:
            raise malformed(error, "body") from None
        if b"\\u0000" in raw:
            _refuse_nul_within(orjson.loads(raw), "body")
        return value


async def read_body(
    request: web.Request, *, most: int, within: timedelta, media_type: str = "application/json"
) -> bytes:
    """The body as it was sent, at most `most` bytes; one that is said to be larger is not read at all.

    Raises `UnsupportedMediaTypeError` for a compressed body or another type, `TooSlowError`, `BrokenBodyError`, or
    aiohttp's 413.
    """
    if request.content_type != media_type:
        form = "JSON" if media_type == "application/json" else "its own bytes"
        raise UnsupportedMediaTypeError(f"Send the body as {form} with Content-Type: {media_type}.")
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise UnsupportedMediaTypeError("Send the body as it is, without Content-Encoding.")
    if request.content_length is not None and request.content_length > most:
        raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=request.content_length)
    request = request.clone(client_max_size=most)
    limit = within.total_seconds()
    try:
        async with asyncio.timeout(limit):
            return await request.read()
    except TimeoutError:
        raise TooSlowError(f"The body did not arrive within {limit:g} s.") from None
    except web.RequestPayloadError:
        raise BrokenBodyError("Its framing is broken; send it again.") from None


def bind(route: Route) -> Binding:
    """Read the signature of `route`'s handler. Raises TypeError where it does not fit the path."""
    hints = typing.get_type_hints(route.handler)
    names = list(inspect.signature(route.handler).parameters)[1:]
    placeholders = set(_PLACEHOLDER.findall(route.path))
    given = set(names) - {"body", "query"}
    if given != placeholders:
        raise TypeError(f"{route.method} {route.path}: the handler takes {sorted(given)}, not {sorted(placeholders)}")
    query = hints["query"] if "query" in names else None
    if query is not None and not (isinstance(query, type) and issubclass(query, BaseModel)):
        raise TypeError(f"{route.method} {route.path}: query must be a pydantic model")
    result = hints.get("return", type(None))
    no_content = route.raw or result is type(None)
    return Binding(
        path={name: TypeAdapter(hints[name]) for name in names if name in placeholders},
        query=query,
        body=TypeAdapter(hints["body"]) if "body" in names else None,
        result=None if no_content else TypeAdapter(result),
    )


def plain_path(path: str) -> str:
    """The path template without the patterns of its placeholders."""
    return _PLACEHOLDER.sub(r"{\1}", path)


def wire_name(name: str, field: FieldInfo) -> str:
    """What a query parameter is called outside, such as `from` for `from_`."""
    return field.validation_alias if isinstance(field.validation_alias, str) else name


def _many_valued(model: type[BaseModel]) -> set[str]:
    return {wire_name(name, field) for name, field in model.model_fields.items() if _is_many(field.annotation)}


def _is_many(annotation: Any) -> bool:
    if get_origin(annotation) in _MANY or annotation in _MANY:
        return True
    return any(_is_many(part) for part in get_args(annotation))


def _refuse_nul(value: str, where: str) -> None:
    if "\0" in value:
        raise MalformedInputError([FieldError(where=where, what="holds a NUL character")])


def _refuse_nul_within(value: Any, where: str) -> None:
    match value:
        case str():
            _refuse_nul(value, where)
        case dict():
            for key, item in value.items():
                _refuse_nul(key, where)
                _refuse_nul_within(item, f"{where}.{key}")
        case list():
            for index, item in enumerate(value):
                _refuse_nul_within(item, f"{where}.{index}")

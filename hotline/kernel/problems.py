"""Errors as problem documents (RFC 9457); a trace never leaves the process."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from hotline.kernel.errors import HotlineError, InvalidInputError

_LONGEST_NAME = 100
"""Of a field, whose name an unknown key's sender chose."""
PROBLEM_TYPE = "application/problem+json"
_MOST_LISTED = 50
_MOST_COUNTED = 1000
"""Beyond it, no list is made of what is wrong: pydantic makes it whole, and its length is the sender's choice."""
_HTTP_DETAILS = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method; see the Allow header.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is larger than this address takes.",
}


class FieldError(BaseModel):
    """One thing wrong with the input: `where` is a dotted path such as body.title."""

    where: str
    what: str


class Problem(BaseModel):
    """RFC 9457. `error_id` never changes once published; match on it, not on the words."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    error_id: str
    instance: str | None = None
    errors: list[FieldError] | None = None


class MalformedInputError(InvalidInputError):
    """Input that does not fit its model; `errors` names each field."""

    def __init__(self, errors: Sequence[FieldError], *, count: int | None = None) -> None:
        """`count`: how many values do not fit, where `errors` names fewer."""
        first = f"; the first is {errors[0].where}: {errors[0].what}" if errors else ", too many to name"
        super().__init__(f"{len(errors) if count is None else count} value(s) do not fit{first}.")
        self.errors = list(errors)


def malformed(error: ValidationError, part: str) -> MalformedInputError:
    """What pydantic says is wrong with one part of the request (body, query, path), without the values."""
    return MalformedInputError(
        [_field_error(item, part) for item in list_errors(error)[:_MOST_LISTED]], count=error.error_count()
    )


def list_errors(error: ValidationError) -> list[ErrorDetails]:
    """What is wrong, without the values; nothing where that is so much that listing it would hold up the service."""
    if error.error_count() > _MOST_COUNTED:
        return []
    return error.errors(include_url=False, include_input=False, include_context=False)


def _field_error(item: ErrorDetails, part: str) -> FieldError:
    where = ".".join([part, *(str(step)[:_LONGEST_NAME] for step in item["loc"])])
    return FieldError(where=where, what=item["msg"])


def _document(status: int, error_id: str, title: str, detail: str, request_id: str, **more: Any) -> dict[str, Any]:
    document = {
        "type": f"urn:hotline:error:{error_id}",
        "title": title,
        "status": status,
        "detail": detail,
        "error_id": error_id,
        "instance": f"urn:uuid:{request_id}",
    }
    return {**more, **document}


def _respond(document: dict[str, Any], headers: dict[str, str] | None = None) -> web.Response:
    body = orjson.dumps(document, default=str)
    return web.Response(body=body, status=document["status"], content_type=PROBLEM_TYPE, headers=headers)


def problem_of(error: HotlineError, request_id: str) -> web.Response:
    """The response for an error raised on purpose."""
    headers = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Session realm="hotline"'
    if (wait := error.context.get("retry_after")) is not None:
        headers["Retry-After"] = str(wait)
    more: dict[str, Any] = {}
    if isinstance(error, MalformedInputError):
        more["errors"] = [item.model_dump() for item in error.errors]
    if isinstance(version := error.context.get("version"), int):
        more["version"] = version
    if isinstance(reason := error.context.get("reason"), str):
        more["reason"] = reason
    if isinstance(changes := error.context.get("changes"), list):
        more["changes"] = changes
    document = _document(error.status, error.error_id, error.title, error.public_detail, request_id, **more)
    return _respond(document, headers)


def problem_of_http(error: web.HTTPException, request_id: str) -> web.Response:
    """The response for an error that aiohttp itself raised, such as 404 or 405."""
    status = HTTPStatus(error.status)
    detail = _HTTP_DETAILS.get(status, status.description or status.phrase)
    document = _document(status, f"http.{status.name.lower()}", status.phrase, detail, request_id)
    kept = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
    return _respond(document, kept)


def problem_of_bug(request_id: str) -> web.Response:
    """The response for an unexpected error; the log has the details under the request id."""
    detail = f"The service made a mistake. Its log has the details under request {request_id}."
    return _respond(_document(500, "service.bug", "The service failed", detail, request_id))

"""The API's description, OpenAPI 3.1, made from the handlers' signatures and their pydantic models."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import orjson
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaMode

from hotline.kernel.binding import Binding, plain_path, wire_name
from hotline.kernel.gate import REQUESTED_WITH, REQUESTED_WITH_VALUE, SESSION_COOKIE
from hotline.kernel.http import Route, SocketMessages
from hotline.kernel.problems import PROBLEM_TYPE, Problem

Bound = Sequence[tuple[Route, Binding]]
_REF = "#/components/schemas/{model}"
_BODY, _RESULT, _PROBLEM = "body", "result", "problem"


def describe(bound: Bound, *, title: str, version: str) -> bytes:
    """The document as JSON; the same routes give the same bytes.

    OpenAPI has no word for WebSockets: `x-websockets` names what each carries, by its path.
    """
    described = [(route, binding) for route, binding in bound if route.described]
    sockets = {plain_path(route.path): route.messages for route, _ in bound if route.messages is not None}
    schemas, components = _schemas(described, list(sockets.values()))
    paths: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for index, (route, binding) in enumerate(described):
        operation = _operation(route, binding, lambda kind, index=index: schemas[f"{index}.{kind}"])
        if operation["operationId"] in seen:
            raise TypeError(f"two operations are named {operation['operationId']}")
        seen.add(operation["operationId"])
        paths.setdefault(plain_path(route.path), {})[route.method.lower()] = operation
    document = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "x-websockets": {
            path: {"sends": _ref(f"{messages.name}Message"), "receives": _ref(f"{messages.name}Command")}
            for path, messages in sockets.items()
        },
        "components": {
            "schemas": components,
            "responses": {"Problem": _problem_response(schemas[_PROBLEM])},
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE}},
        },
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REF.format(model=name)}


def _schemas(described: Bound, sockets: Sequence[SocketMessages]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Schema by "<index of the operation>.<kind>", and the components: what they refer to, and sockets' messages."""
    wanted: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [(_PROBLEM, "serialization", TypeAdapter(Problem))]
    for index, (_route, binding) in enumerate(described):
        if binding.body is not None:
            wanted.append((f"{index}.{_BODY}", "validation", binding.body))
        if binding.result is not None:
            wanted.append((f"{index}.{_RESULT}", "serialization", binding.result))
        for name, adapter in binding.path.items():
            wanted.append((f"{index}.path.{name}", "validation", adapter))
        if binding.query is not None:
            for name, adapter in _query_fields(binding.query).items():
                wanted.append((f"{index}.query.{name}", "validation", adapter))
    for messages in sockets:
        wanted.append((f"{messages.name}Message", "serialization", messages.sends))
        wanted.append((f"{messages.name}Command", "validation", messages.receives))
    by_key, definitions = TypeAdapter.json_schemas(wanted, ref_template=_REF)
    schemas = {key: schema for (key, _mode), schema in by_key.items()}
    named = {name: schemas.pop(name) for one in sockets for name in (f"{one.name}Message", f"{one.name}Command")}
    return schemas, definitions.get("$defs", {}) | named


def _query_fields(model: type[BaseModel]) -> dict[str, TypeAdapter[Any]]:
    fields: dict[str, Any] = {wire_name(name, field): field for name, field in model.model_fields.items()}
    return {
        name: TypeAdapter(field.rebuild_annotation() if field.metadata else field.annotation)
        for name, field in fields.items()
    }


def _operation(route: Route, binding: Binding, schema: Any) -> dict[str, Any]:
    text = inspect.getdoc(route.handler) or ""
    summary, _, rest = text.partition("\n")
    operation: dict[str, Any] = {
        "operationId": f"{route.tag}.{route.handler.__name__}",
        "tags": [route.tag],
        "summary": summary or route.handler.__name__.replace("_", " ").capitalize(),
        "responses": _responses(route, binding, schema),
    }
    if rest.strip():
        operation["description"] = rest.strip()
    if parameters := _parameters(route, binding, schema):
        operation["parameters"] = parameters
    if binding.body is not None:
        content = {"application/json": {"schema": schema(_BODY)}}
        operation["requestBody"] = {"required": True, "content": content}
    elif route.consumes:
        content = {route.consumes: {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": content}
    if route.permission is not None:
        operation["security"] = [{"session": []}]
        operation["x-permission"] = str(route.permission)
    return operation


def _parameters(route: Route, binding: Binding, schema: Any) -> list[dict[str, Any]]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": schema(f"path.{name}")} for name in binding.path
    ]
    for name, field in binding.query.model_fields.items() if binding.query else ():
        key = wire_name(name, field)
        parameter = {
            "name": key,
            "in": "query",
            "required": field.is_required(),
            "schema": _parameter_schema(schema(f"query.{key}"), field),
        }
        if field.description:
            parameter["description"] = field.description
        parameters.append(parameter)
    if route.method != "GET":
        value = {"type": "string", "const": REQUESTED_WITH_VALUE}
        parameters.append({"name": REQUESTED_WITH, "in": "header", "required": True, "schema": value})
    return parameters


def _parameter_schema(schema: dict[str, Any], field: FieldInfo) -> dict[str, Any]:
    """A parameter is left out, never null."""
    choices = schema.get("anyOf", [])
    if {"type": "null"} in choices:
        rest = [choice for choice in choices if choice != {"type": "null"}]
        others = {key: value for key, value in schema.items() if key != "anyOf"}
        schema = {**others, **rest[0]} if len(rest) == 1 else {**others, "anyOf": rest}
    default = field.default
    return {**schema, "default": default} if isinstance(default, (bool, int, float, str)) else schema


def _responses(route: Route, binding: Binding, schema: Any) -> dict[str, Any]:
    problem = {"$ref": "#/components/responses/Problem"}
    if route.raw:
        types = (route.produces,) if isinstance(route.produces, str) else route.produces
        success = {"200": {"description": "OK", "content": {kind: {} for kind in types}}}
    elif binding.result is None:
        success = {"204": {"description": "Done"}}
    else:
        content = {"application/json": {"schema": schema(_RESULT)}}
        success = {str(route.status): {"description": "OK", "content": content}}
    expected: dict[str, Any] = {}
    if route.permission is not None:
        expected |= {"401": problem, "403": problem}
    if binding.path:
        expected["404"] = problem
    if route.method != "GET":
        expected |= {"403": problem, "409": problem}
    if binding.path or binding.query is not None or binding.body is not None:
        expected["422"] = problem
    return {**success, **expected, "default": problem}


def _problem_response(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "What went wrong (RFC 9457)", "content": {PROBLEM_TYPE: {"schema": schema}}}

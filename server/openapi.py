"""``/api/v1/openapi.json``: the interface described from the routes and the messages themselves (OpenAPI 3.1)."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from server.api import PROBLEM_TYPE, Operation, operation_of
from server.contract.v1 import Problem

bp = Blueprint("openapi", __name__, url_prefix="/api/v1")

Schema = dict[str, Any]

_PARAMETER_TYPES: Final[Mapping[str, Schema]] = {
    "UUIDConverter": {"type": "string", "format": "uuid"},
    "UnicodeConverter": {"type": "string"},
}


@bp.get("/openapi.json")
def document() -> ResponseReturnValue:
    """Answer the description; it holds no secret, the program's text is public."""
    return jsonify(openapi(current_app))


def openapi(app: Flask) -> Schema:
    """Return the OpenAPI 3.1 document of every described endpoint of ``app``."""
    described = [
        (rule, operation)
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        if (operation := operation_of(app.view_functions[rule.endpoint])) is not None
    ]
    schemas = _schemas([operation for _, operation in described])
    paths: dict[str, Schema] = {}
    for rule, operation in described:
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(rule, operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tiepdon server",
            "version": version("tiepdon"),
            "summary": "Arrivals of a hospital, from kiosk to queue",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"device": {"type": "http", "scheme": "bearer", "description": "The kiosk's token."}},
        },
    }


def _schemas(operations: list[Operation]) -> dict[str, Schema]:
    """Return the schemas of all messages by name: bodies as they are read, answers as they are written."""
    modes: dict[type[BaseModel], str] = {Problem: "serialization"}
    for operation in operations:
        for model in operation.answers.values():
            modes[model] = "serialization"
        for read in (operation.body, operation.query):
            if read is not None:
                modes[read] = "validation"
    inputs: Any = list(modes.items())
    _, definitions = models_json_schema(inputs, ref_template="#/components/schemas/{model}")
    found: dict[str, Schema] = definitions["$defs"]
    return found


def _operation(rule: Rule, operation: Operation, schemas: Mapping[str, Schema]) -> Schema:
    problems = (*operation.problems, *((401, 403) if operation.needs_device else ()), 500)
    described: Schema = {
        "operationId": rule.endpoint.replace(".", "_").rstrip("_"),
        "summary": operation.summary,
        "parameters": [*_path_parameters(rule), *_query_parameters(operation, schemas), *_headers(operation)],
        "responses": {
            **{str(status): _response(status, model.__name__) for status, model in operation.answers.items()},
            **{str(status): _response(status, Problem.__name__, PROBLEM_TYPE) for status in sorted(set(problems))},
        },
        "security": [{"device": []}] if operation.needs_device else [],
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _content(operation.body.__name__)}
    return described


def _path_parameters(rule: Rule) -> list[Schema]:
    return [
        {"name": name, "in": "path", "required": True, "schema": dict(_PARAMETER_TYPES[type(converter).__name__])}
        for name, converter in sorted(rule._converters.items())  # noqa: SLF001 - werkzeug shows them nowhere else
    ]


def _query_parameters(operation: Operation, schemas: Mapping[str, Schema]) -> list[Schema]:
    if operation.query is None:
        return []
    schema = schemas[operation.query.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": property_}
        for name, property_ in schema["properties"].items()
    ]


def _headers(operation: Operation) -> list[Schema]:
    return [
        {"name": name, "in": "header", "required": True, "description": purpose, "schema": {"type": "string"}}
        for name, purpose in operation.headers.items()
    ]


def _response(status: int, model: str, media_type: str = "application/json") -> Schema:
    return {"description": HTTPStatus(status).phrase, "content": _content(model, media_type)}


def _content(model: str, media_type: str = "application/json") -> Schema:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{model}"}}}

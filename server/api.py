"""What all endpoints of the JSON interface share: who asks, what they sent, what goes wrong, how it is described."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from server.accounts.tokens import Integration, Scope, authenticate_system
from server.clock import Clock
from server.contract.appointments import BookAppointment
from server.contract.v1 import IDEMPOTENCY_HEADER, Problem, RegisterEncounter
from server.db import Database
from server.errors import Refused, ServerError, Unauthenticated
from server.fleet.service import Device, authenticate
from server.group_commit import GroupCommit
from server.incident import record
from server.snapshots import Snapshots

log = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 64 * 1024
PROBLEM_TYPE: Final = "application/problem+json"

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R", RegisterEncounter, BookAppointment)  # whose key stands in a header too
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


class BadRequest(ServerError):
    """The request is not what HTTP or the interface's form demands; ``errors`` name the places."""

    status = 400
    title = "Bad request"

    def __init__(self, code: str, detail: str = "", errors: tuple[dict[str, str], ...] = ()) -> None:
        super().__init__(code, detail)
        self.errors = errors


class Invalid(Refused):
    """The body does not have the form of its message; ``errors`` name each place and what is wrong there."""

    title = "Invalid message"

    def __init__(self, errors: tuple[dict[str, str], ...]) -> None:
        super().__init__("message.invalid", "see errors")
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Operation:
    """How an endpoint is described in the OpenAPI document; the document is made from nothing else."""

    summary: str
    answers: Mapping[int, type[BaseModel]]
    problems: tuple[int, ...] = ()
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Required headers and what they are for."""

    needs_device: bool = True


_ATTRIBUTE: Final = "tiepdon_operation"


def describe(operation: Operation) -> Callable[[View], View]:
    """Attach the description of an endpoint to its view."""

    def attach(view: View) -> View:
        setattr(view, _ATTRIBUTE, operation)
        return view

    return attach


def operation_of(view: Callable[..., Any]) -> Operation | None:
    return cast("Operation | None", getattr(view, _ATTRIBUTE, None))


def database() -> Database:
    found: Database = current_app.extensions["db"]
    return found


def snapshots() -> Snapshots:
    """Return what is read once for all open pages."""
    found: Snapshots = current_app.extensions["snapshots"]
    return found


def group_commit() -> GroupCommit:
    """Return what runs the transactions of many kiosks together."""
    found: GroupCommit = current_app.extensions["group_commit"]
    return found


def clock() -> Clock:
    found: Clock = current_app.extensions["clock"]
    return found


def bearer_token(whose: str) -> str:
    """Return the request's bearer token; raises Unauthenticated. ``whose``: for the sentence."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not re.fullmatch(r"[A-Za-z0-9._~+/=-]{1,256}", token.strip()):
        raise Unauthenticated("device.token_missing", f"send {whose} token: Authorization: Bearer")
    return token.strip()


def integration(scope: Scope) -> Integration:
    """Return the other system that asks; raises Unauthenticated, Forbidden when it may not do what ``scope`` names."""
    return authenticate_system(database(), bearer_token("the system's"), scope=scope, now=clock().now())


def device() -> Device:
    """Return the kiosk that asks; raises Unauthenticated, Forbidden when it was revoked."""
    if "device" not in g:
        g.device = authenticate(database(), bearer_token("the kiosk's"), now=clock().now())
    found: Device = g.device
    return found


def read_body(model: type[M]) -> M:
    """Return the request's JSON body as a message; raises BadRequest, Invalid."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        found = _errors_of(error)
        if any(one["type"] == "json_invalid" for one in found):
            raise BadRequest("json.malformed", "the body is not JSON in UTF-8", found) from error
        raise Invalid(found) from error


def read_repeatable(model: type[R]) -> R:
    """Return the body of a request that may be sent again with the same key, which its header names too.

    Raises BadRequest for a header that is missing or names another key, and what ``read_body`` raises.
    """
    text = request.headers.get(IDEMPOTENCY_HEADER)
    if text is None:
        raise BadRequest("request.key_missing", f"{IDEMPOTENCY_HEADER} is missing")
    try:
        key = UUID(text.strip().strip('"'))  # quoted where a client writes it as a structured field (RFC 8941)
    except ValueError as error:
        raise BadRequest("request.key_invalid", f"{IDEMPOTENCY_HEADER} is not a UUID") from error
    message = read_body(model)
    if message.request_key != key:
        raise BadRequest("request.key_differs", f"{IDEMPOTENCY_HEADER} is not the request_key of the body")
    return message


def read_query(model: type[M]) -> M:
    """Return the query string as a message; raises BadRequest for an unknown, repeated or wrong parameter."""
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise BadRequest("query.invalid", f"given more than once: {', '.join(sorted(repeated))[:100]}")
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise BadRequest("query.invalid", "see errors", _errors_of(error)) from error


def answer(message: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(message.model_dump_json(), status, mimetype="application/json")


class UnsupportedMediaType(ServerError):
    status = 415
    title = "Unsupported media type"

    def __init__(self) -> None:
        super().__init__("body.media_type", "send application/json")


def init_app(app: Flask) -> None:
    """Answer every error of ``app`` that no page of its own shows as a problem document (RFC 9457).

    An address that is nobody's is answered by ``server.pages`` where a person's browser asks.
    """
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.register_error_handler(ServerError, _refuse)
    app.register_error_handler(HTTPException, refuse_http)
    app.register_error_handler(Exception, _fail)


def problem(status: int, title: str, code: str, detail: str = "", errors: tuple[dict[str, str], ...] = ()) -> Response:
    message = Problem(title=title, status=status, code=code, detail=detail, errors=errors)
    response = Response(message.model_dump_json(), status, mimetype=PROBLEM_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="tiepdon"'
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "1"
    return response


def _refuse(error: ServerError) -> Response:
    errors = error.errors if isinstance(error, (BadRequest, Invalid)) else ()
    return problem(error.status, error.title, error.code, error.detail, errors)


def refuse_http(error: HTTPException) -> ResponseReturnValue:
    """Return a problem document for what the router or Flask itself refused."""
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    title = HTTPStatus(error.code).phrase
    response = problem(error.code, title, f"http.{title.lower().replace(' ', '_').replace('-', '_')}")
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _fail(error: Exception) -> Response:
    # The number joins the answer and the log; what went wrong stays in the log.
    incident = record(log, error, request.endpoint)
    return problem(500, "Internal error", "internal", f"incident {incident}")


def _errors_of(error: ValidationError) -> tuple[dict[str, str], ...]:
    """Return place, kind and sentence of each mistake; never the value, which may be personal."""
    return tuple(
        {"at": ".".join(str(part) for part in one["loc"]), "type": one["type"], "message": one["msg"]}
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    )

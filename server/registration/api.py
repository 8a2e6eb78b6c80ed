"""``/api/v1/encounters``: registering arrivals, and reading them back."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from pydantic import Field

from server.api import (
    BadRequest,
    Operation,
    answer,
    clock,
    database,
    describe,
    device,
    group_commit,
    read_body,
    read_query,
    read_repeatable,
)
from server.clock import today
from server.config import ServerSettings
from server.contract.queries import EncounterDetail, EncounterPage
from server.contract.v1 import (
    IDEMPOTENCY_HEADER,
    EncounterRegistered,
    IdentityHeld,
    IdentityProved,
    Message,
    RegisterEncounter,
)
from server.coverage.service import coverage_of
from server.errors import NotFound
from server.facilities.offered import OfferedNow
from server.registration.evidence import take_proof
from server.registration.queries import Cursor, encounter_detail, find_encounter, list_encounters
from server.registration.service import fingerprint_of, register_encounter
from server.right_of_way import RightOfWay

bp = Blueprint("registration_api", __name__, url_prefix="/api/v1/encounters")


class EncounterQuery(Message):
    day: Literal["today"] | date = "today"
    after: str | None = None
    """``next`` of the page before."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50


@bp.post("")
@describe(
    Operation(
        summary="Register one arrival; safe to repeat with the same key",
        body=RegisterEncounter,
        headers={IDEMPOTENCY_HEADER: "The request_key of the body; a repetition gets the first answer."},
        answers={201: EncounterRegistered, 200: EncounterRegistered},
        problems=(400, 403, 409, 413, 415, 422, 503),
    )
)
def create_encounter() -> ResponseReturnValue:
    """Answer 201 for a new arrival and 200, with the same body, for one that was registered before."""
    way: RightOfWay = current_app.extensions["right_of_way"]
    way.give_way()
    sender = device()
    command = read_repeatable(RegisterEncounter)
    now = clock().now()
    settings: ServerSettings = current_app.extensions["settings"]
    insurance = settings.server.insurance
    checks_insurance = insurance is not None and command.facility in insurance.facilities
    offered_now: OfferedNow = current_app.extensions["offered_now"]
    offered = offered_now.of(sender.facility, now)
    fingerprint = fingerprint_of(command)
    registration = group_commit().transact(
        lambda session: register_encounter(
            session,
            command,
            device=sender,
            actor=sender.actor,
            now=now,
            checks_insurance=checks_insurance,
            offered=offered,
            fingerprint=fingerprint,
            expired_documents=settings.server.expired_documents,
        )
    )
    way.give_way()
    return answer(registration.answer, HTTPStatus.CREATED if registration.is_new else HTTPStatus.OK)


@bp.put("/by-request/<uuid:request_key>/evidence")
@describe(
    Operation(
        summary="Tell what a chip's proof said after its arrival was registered; safe to repeat",
        body=IdentityProved,
        answers={200: IdentityHeld},
        problems=(400, 404, 409, 413, 415, 422, 503),
    )
)
def put_evidence(request_key: UUID) -> ResponseReturnValue:
    """Answer what the encounter rests on now; 404 until the arrival itself is registered by the same kiosk."""
    sender = device()
    message = read_body(IdentityProved)
    if message.request_key != request_key:
        raise BadRequest("request.key_differs", "the address does not name the request_key of the body")
    now = clock().now()
    return answer(database().transact(lambda session: take_proof(session, message, device=sender, now=now)))


@bp.get("")
@describe(
    Operation(
        summary="List the arrivals this kiosk sent on a day, in the order of arrival",
        query=EncounterQuery,
        answers={200: EncounterPage},
        problems=(400, 503),
    )
)
def list_() -> ResponseReturnValue:
    sender = device()
    query = read_query(EncounterQuery)
    day = today(clock()) if isinstance(query.day, str) else query.day
    try:
        after = Cursor.parse(query.after) if query.after else None
    except ValueError as error:
        raise BadRequest("query.cursor", "after is not what an earlier page gave as next") from error
    with database().reading() as session:
        page = list_encounters(
            session, facility=sender.facility, day=day, after=after, limit=query.limit, kiosk_id=sender.id
        )
    return answer(page)


@bp.get("/<uuid:encounter_id>")
@describe(Operation(summary="Read one arrival this kiosk sent", answers={200: EncounterDetail}, problems=(404, 503)))
def read_one(encounter_id: UUID) -> ResponseReturnValue:
    sender = device()
    with database().reading() as session:
        found = find_encounter(session, encounter_id)
        if found is None or found[0].kiosk_id != sender.id:
            raise NotFound("encounter.unknown", "this kiosk sent no such arrival")
        encounter, ticket = found
        return answer(encounter_detail(session, encounter, ticket, coverage_of(session, encounter)))

"""The JSON interface as a kiosk, or somebody who is none, meets it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.api import MAX_BODY_BYTES
from server.app import create_app
from server.audit import AuditLine
from server.config import ServerSection, ServerSettings
from server.contract.queries import EncounterDetail, EncounterPage, EncounterSummary, SlipShown, TicketState
from server.contract.v1 import EncounterRegistered, FacilityServices, IdentityHeld, Problem, RedFlag, RegisterEncounter
from server.db import Database, claim
from server.domain.coverage import FormerLine
from server.domain.priority import PriorityGround
from server.facilities.models import Facility
from server.fleet.models import Kiosk, StaffCall
from server.fleet.service import Device, revoke
from server.group_commit import GroupCommit
from server.queues.priorities import decide
from server.registration.models import Encounter
from server.wiring import connect_log
from tests.server.appointments.promises import coming, known_patient, promise
from tests.server.hospital import DAY, FACILITY, MORNING, add_kiosk, arrival, build_hospital, on_paper


class StoppedClock:
    def __init__(self) -> None:
        self.time = MORNING

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def app(hospital: Database, clock: StoppedClock) -> Flask:
    return create_app(ServerSettings(), database=hospital, clock=clock)


@pytest.fixture
def enrolled(hospital: Database) -> tuple[Device, str]:
    return add_kiosk(hospital, "K")


@pytest.fixture
def client(app: Flask, enrolled: tuple[Device, str]) -> FlaskClient:
    """Speaks with the token of kiosk K."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {enrolled[1]}"
    return client


def post(client: FlaskClient, command: RegisterEncounter, **options: Any) -> TestResponse:
    headers = {"Idempotency-Key": str(command.request_key), **options.pop("headers", {})}
    body = options.pop("data", command.model_dump_json())
    return client.post("/api/v1/encounters", data=body, content_type="application/json", headers=headers, **options)


def code_of(response: TestResponse) -> tuple[int, str]:
    """Return status and code of an error answer, which must be a well-formed problem document."""
    assert response.content_type == "application/problem+json"
    problem = Problem.model_validate_json(response.data)
    assert problem.status == response.status_code
    return problem.status, problem.code


def test_new_arrival_is_201_and_the_same_again_200_with_the_same_body(client: FlaskClient) -> None:
    command = arrival()
    first, second = post(client, command), post(client, command)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.data == second.data
    assert EncounterRegistered.model_validate_json(first.data).ticket.label == "A001"


def test_key_written_as_a_quoted_string_is_the_same_key(client: FlaskClient) -> None:
    command = arrival()
    assert post(client, command, headers={"Idempotency-Key": f'"{command.request_key}"'}).status_code == 201


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Idempotency-Key": str(uuid4())}, "request.key_differs"),
        ({"Idempotency-Key": "1"}, "request.key_invalid"),
    ],
)
def test_wrong_key_is_400(client: FlaskClient, headers: dict[str, str], code: str) -> None:
    assert code_of(post(client, arrival(), headers=headers)) == (400, code)


def test_missing_key_is_400(client: FlaskClient) -> None:
    body = arrival().model_dump_json()
    response = client.post("/api/v1/encounters", data=body, content_type="application/json")
    assert code_of(response) == (400, "request.key_missing")


def test_same_key_with_another_body_is_422(client: FlaskClient) -> None:
    command = arrival()
    post(client, command)
    assert code_of(post(client, command.model_copy(update={"service": "NHI"}))) == (422, "request.key_reused")


def without_patience(app: Flask, tmp_path: Path) -> Database:
    """Have the application wait a fifth of a second for a lock, and return what it then uses, to be closed."""
    impatient = Database(app.extensions["db"].url, wait_s=0.2)
    connect_log(impatient, tmp_path / "server")
    app.extensions["db"] = impatient
    app.extensions["group_commit"] = GroupCommit(impatient)
    return impatient


def test_key_that_is_being_worked_on_is_409_or_busy_and_works_later(
    app: Flask, client: FlaskClient, hospital: Database, tmp_path: Path
) -> None:
    command = arrival()
    impatient = without_patience(app, tmp_path)
    with hospital.begin() as session:
        claim(session, command.request_key)
        # SQLite lets a second writer not even begin, whatever its key.
        expected = (409, "request.in_progress") if hospital.kind == "postgresql" else (503, "database.busy")
        assert code_of(post(client, command)) == expected
    assert post(client, command).status_code == 201
    impatient.close()


def test_number_on_paper_takes_the_place_of_the_lost_answer(client: FlaskClient) -> None:
    command = arrival()
    post(client, command)
    replay = post(client, on_paper(command, 5))
    assert replay.status_code == 200
    assert EncounterRegistered.model_validate_json(replay.data).ticket.label == "A-K005"


@pytest.mark.parametrize(
    ("data", "content_type", "expected"),
    [
        (b"{", "application/json", (400, "json.malformed")),
        (b"\xff\xfe", "application/json", (400, "json.malformed")),  # not UTF-8
        (b"", "application/json", (400, "json.malformed")),
        (b"[]", "application/json", (422, "message.invalid")),
        (b"{}", "application/json", (422, "message.invalid")),
        (b"{}", "text/plain", (415, "body.media_type")),  # what a foreign page's form can send
        (b"[" * 100_000, "application/json", (413, "http.request_entity_too_large")),
        (b"[" * 60_000, "application/json", (400, "json.malformed")),  # nesting
    ],
)
def test_body_that_is_no_command_is_refused(
    client: FlaskClient, data: bytes, content_type: str, expected: tuple[int, str]
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    response = client.post("/api/v1/encounters", data=data, content_type=content_type, headers=headers)
    status, code = code_of(response)
    assert (status, code.replace("content_too_large", "request_entity_too_large")) == expected


def test_proof_that_comes_later_is_404_before_its_arrival_and_safe_to_repeat_after(client: FlaskClient) -> None:
    command = arrival(evidence={"assurance": "chip-read", "reasons": ["proof.pending"]})
    path = f"/api/v1/encounters/by-request/{command.request_key}/evidence"
    evidence = {**command.evidence.model_dump(mode="json"), "assurance": "chip-trusted", "reasons": []}
    body = {"request_key": str(command.request_key), "evidence": evidence, "proved_at": MORNING.isoformat()}
    assert code_of(client.put(path, json=body)) == (404, "encounter.unknown")
    registered = EncounterRegistered.model_validate_json(post(client, command).data)
    first, second = client.put(path, json=body), client.put(path, json=body)
    assert (first.status_code, second.status_code, second.data) == (200, 200, first.data)
    held = IdentityHeld.model_validate_json(first.data)
    assert (held.encounter_id, held.assurance, held.reasons) == (registered.encounter_id, "chip-trusted", ())
    other = f"/api/v1/encounters/by-request/{uuid4()}/evidence"
    assert code_of(client.put(other, json=body)) == (400, "request.key_differs")


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"unknown": 1}, "unknown"),  # closed: a misspelt field is no silent loss
        ({"request_key": "x"}, "request_key"),
        ({"visit_code": "0123456789ABCDEFGHJ"}, "visit_code"),  # a character short
        ({"visit_code": "0123456789ABCDEFGHJO"}, "visit_code"),  # O is no letter of ours
        ({"arrived_at": "2026-11-23T07:15:00"}, "arrived_at"),  # no time zone
        ({"service": "a b"}, "service"),
        ({"language": "fr"}, "language"),
        (
            {"offline_ticket": {"kiosk_letter": "k", "number": 1, "local_day": "2026-11-23"}},
            "offline_ticket.kiosk_letter",
        ),
    ],
)
def test_mistake_in_a_field_is_422_and_named_without_its_value(
    client: FlaskClient, change: dict[str, Any], at: str
) -> None:
    body = {**arrival().model_dump(mode="json"), **change}
    response = client.post("/api/v1/encounters", json=body, headers={"Idempotency-Key": str(uuid4())})
    assert code_of(response) == (422, "message.invalid")
    assert [error["at"] for error in response.json["errors"]] == [at]  # type: ignore[index]  # asserted above
    assert "Nguyễn" not in response.text


def test_control_characters_in_a_name_are_refused(client: FlaskClient) -> None:
    body = arrival().model_dump(mode="json")
    body["person"]["full_name"] = "Thử\x1bi"  # ESC would speak to the printer
    response = client.post("/api/v1/encounters", json=body, headers={"Idempotency-Key": body["request_key"]})
    assert code_of(response) == (422, "message.invalid")


# Who may speak


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "device.token_missing"),
        ("Basic dGVzdDp0ZXN0", "device.token_missing"),
        ("Bearer", "device.token_missing"),
        ("Bearer tdk_unknown", "device.unknown"),
        ("Bearer " + "x" * 5000, "device.token_missing"),
        ("Bearer ' OR 1=1 --", "device.token_missing"),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/encounters", f"/api/v1/facilities/{FACILITY}/services"])
def test_unknown_asker_is_401(app: Flask, header: str | None, code: str, path: str) -> None:
    response = app.test_client().get(path, headers={"Authorization": header} if header else {})
    assert code_of(response) == (401, code)
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_unknown_asker_learns_nothing_from_a_wrong_body(app: Flask) -> None:
    assert code_of(app.test_client().post("/api/v1/encounters", data=b"{"))[0] == 401


def test_revoked_kiosk_is_403_at_its_next_request(client: FlaskClient, hospital: Database) -> None:
    assert post(client, arrival()).status_code == 201
    with hospital.begin() as session:
        revoke(session, facility=FACILITY, name="Kiosk K", now=MORNING)
    assert code_of(post(client, arrival())) == (403, "device.revoked")


def test_kiosk_that_speaks_is_noted_as_seen(client: FlaskClient, hospital: Database, clock: StoppedClock) -> None:
    clock.time = MORNING + timedelta(minutes=10)
    client.get("/api/v1/encounters")
    with hospital.reading() as session:
        assert session.scalars(sa.select(Kiosk.last_seen_at)).one() == clock.time


def test_foreign_facility_is_403(client: FlaskClient) -> None:
    assert code_of(client.get("/api/v1/facilities/34998/services")) == (403, "facility.foreign")
    assert code_of(post(client, arrival(facility="34998"))) == (403, "facility.foreign")


def test_kiosk_sees_its_own_arrivals_only(app: Flask, client: FlaskClient, hospital: Database) -> None:
    registered = EncounterRegistered.model_validate_json(post(client, arrival()).data)
    other = app.test_client()
    other.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {add_kiosk(hospital, 'L')[1]}"
    assert EncounterPage.model_validate_json(other.get("/api/v1/encounters").data).items == ()
    assert code_of(other.get(f"/api/v1/encounters/{registered.encounter_id}")) == (404, "encounter.unknown")
    assert code_of(other.get(f"/api/v1/tickets/{registered.ticket.id}")) == (404, "ticket.unknown")


# Reading


def test_services_show_price_place_and_load(client: FlaskClient, clock: StoppedClock) -> None:
    post(client, arrival())
    found = FacilityServices.model_validate_json(client.get(f"/api/v1/facilities/{FACILITY}/services").data)
    assert (found.facility_name, found.kiosk_letter, found.as_of) == ("Bệnh viện huyện Thử", "K", clock.time)
    assert [(s.service, s.queue_letter, s.price_vnd, s.waiting, s.room) for s in found.services] == [
        ("NOI", "A", 50_600, 1, "Phòng 101"),
        ("NHI", "B", 45_000, 0, "Phòng 102"),
    ]


def test_arrivals_come_in_order_and_page_by_key(client: FlaskClient) -> None:
    for n in range(7):
        # Three in the same instant: the order must be total all the same.
        post(client, arrival(f"03419000010{n}", arrived_at=MORNING + timedelta(seconds=n // 3)))
    seen: list[EncounterSummary] = []
    after, pages = "", 0
    while True:
        page = EncounterPage.model_validate_json(client.get(f"/api/v1/encounters?day=today&limit=3{after}").data)
        seen += page.items
        pages += 1
        if page.next is None:
            break
        after = f"&after={page.next}"
    assert pages == 3
    assert len({item.encounter_id for item in seen}) == 7
    assert [item.arrived_at for item in seen] == sorted(item.arrived_at for item in seen)


def test_arrival_that_comes_between_two_pages_neither_repeats_nor_hides_another(client: FlaskClient) -> None:
    for n in range(4):
        post(client, arrival(f"03419000010{n}", arrived_at=MORNING + timedelta(seconds=n)))
    first = EncounterPage.model_validate_json(client.get("/api/v1/encounters?limit=2").data)
    post(client, arrival("034190000199", arrived_at=MORNING - timedelta(minutes=1)))
    second = EncounterPage.model_validate_json(client.get(f"/api/v1/encounters?limit=2&after={first.next}").data)
    assert len({item.encounter_id for item in (*first.items, *second.items)}) == 4


def test_list_is_of_the_asked_local_day(client: FlaskClient, clock: StoppedClock) -> None:
    post(client, arrival())
    clock.time = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # local midnight
    assert EncounterPage.model_validate_json(client.get("/api/v1/encounters?day=today").data).items == ()
    assert len(EncounterPage.model_validate_json(client.get(f"/api/v1/encounters?day={DAY}").data).items) == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("day=yesterday", "query.invalid"),
        ("limit=0", "query.invalid"),
        ("limit=1000000", "query.invalid"),
        ("offset=5", "query.invalid"),  # unknown
        ("day=2026-11-23&day=2026-11-24", "query.invalid"),  # which of them?
        ("after=%25", "query.cursor"),
        ("after=MjAyNg==", "query.cursor"),
    ],
)
def test_wrong_query_is_400(client: FlaskClient, query: str, code: str) -> None:
    assert code_of(client.get(f"/api/v1/encounters?{query}")) == (400, code)


def test_one_arrival_shows_evidence_and_slip_but_no_full_name(client: FlaskClient) -> None:
    registered = EncounterRegistered.model_validate_json(post(client, arrival(evidence={"assurance": "qr"})).data)
    response = client.get(f"/api/v1/encounters/{registered.encounter_id}")
    found = EncounterDetail.model_validate_json(response.data)
    assert (found.visit_code, found.ticket, found.unverified) == (
        registered.visit_code,
        registered.ticket,
        ("identity",),
    )
    assert found.patient_name == "NGUYỄN T. T. N."
    assert "034190000017" not in response.text


@pytest.mark.parametrize(
    ("card", "points", "said"),
    [
        ("GD4349900000001", 45, ("3.3", "80")),
        ("TE1349900000001", 45, ("3.3", "100")),
        ("HN3349900000001", 62, ("1.13", "47.5")),
        ("0123456789", 45, ("3.3", None)),
    ],
)
def test_one_arrival_tells_its_patient_type_and_what_the_fund_pays(
    client: FlaskClient, hospital: Database, card: str, points: int, said: tuple[str, str | None]
) -> None:
    if points >= 50:
        with hospital.begin() as session:
            session.execute(sa.update(Facility).values(former_line=FormerLine.NONE, rating_points=points))
    command = arrival(insurance={"card_number": card}, payer="insured")
    registered = EncounterRegistered.model_validate_json(post(client, command).data)
    found = EncounterDetail.model_validate_json(client.get(f"/api/v1/encounters/{registered.encounter_id}").data)
    assert (found.patient_type, found.effective_percent) == said


def test_the_list_of_the_day_tells_each_patient_type_and_why_in_as_many_statements_for_a_page_as_for_one(
    client: FlaskClient, hospital: Database
) -> None:
    card = {"card_number": "HN3349900000001", "primary_facility": "34001"}
    patient = known_patient(hospital)
    code = promise(hospital, patient).code
    emergency = post(client, arrival("034190000103", insurance=card, payer="insured"))
    with hospital.begin() as session:
        decide(
            session, EncounterRegistered.model_validate_json(emergency.data).encounter_id, PriorityGround.EMERGENCY,
            "confirmed", facility=FACILITY, reason="Khó thở", seen="", by="le.tan", now=MORNING,
        )  # fmt: skip
    alone = statements_of(hospital, lambda: client.get("/api/v1/encounters?day=2026-11-23"))
    post(client, coming(code, insurance=card, payer="insured", arrived_at=MORNING + timedelta(seconds=1)))
    post(client, arrival("034190000104", payer="self", arrived_at=MORNING + timedelta(seconds=2)))
    page = EncounterPage.model_validate_json(client.get("/api/v1/encounters?day=2026-11-23").data)
    assert [(one.patient_type, one.patient_type_reason) for one in page.items] == [
        ("2", "emergency"),
        ("1.5", "appointment"),
        ("9", "not_insured"),
    ]
    for one in page.items:
        detail = EncounterDetail.model_validate_json(client.get(f"/api/v1/encounters/{one.encounter_id}").data)
        assert (detail.patient_type, detail.patient_type_reason) == (one.patient_type, one.patient_type_reason)
    assert statements_of(hospital, lambda: client.get("/api/v1/encounters?day=2026-11-23")) == alone


def statements_of(database: Database, work: Callable[[], object]) -> int:
    """Return how many statements ``work`` runs."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    work()
    sa.event.remove(database.engine, "before_cursor_execute", note)
    return len(seen)


def test_one_ticket_tells_how_many_are_before_it_now(client: FlaskClient) -> None:
    post(client, arrival("034190000101"))
    later = arrival("034190000102", arrived_at=MORNING + timedelta(seconds=1))
    registered = EncounterRegistered.model_validate_json(post(client, later).data)
    state = TicketState.model_validate_json(client.get(f"/api/v1/tickets/{registered.ticket.id}").data)
    assert (state.ticket, state.waiting_now, state.status) == (registered.ticket, 1, "waiting")


def test_a_slip_of_any_kiosk_of_the_hospital_shows_its_number_as_it_stands(
    app: Flask, client: FlaskClient, hospital: Database
) -> None:
    registered = EncounterRegistered.model_validate_json(post(client, arrival()).data)
    stranger = app.test_client()
    stranger.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {add_kiosk(hospital, 'M')[1]}"
    shown = SlipShown.model_validate_json(stranger.post(f"/api/v1/slips/{registered.visit_code}").data)
    assert (shown.ticket, shown.status, shown.waiting_now) == (registered.ticket, "waiting", 0)
    assert (shown.visit_code, shown.rejoined) == (registered.visit_code, False)
    for code in ("0" * 20, "short", registered.visit_code.lower()):
        assert code_of(client.post(f"/api/v1/slips/{code}")) == (404, "slip.unknown")


def test_a_slip_of_another_day_or_hospital_is_said_to_be_one(
    app: Flask, client: FlaskClient, hospital: Database, clock: StoppedClock
) -> None:
    registered = EncounterRegistered.model_validate_json(post(client, arrival()).data)
    build_hospital(hospital, "79999")
    foreign = app.test_client()
    foreign.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {add_kiosk(hospital, 'K', '79999')[1]}"
    assert code_of(foreign.post(f"/api/v1/slips/{registered.visit_code}")) == (404, "slip.unknown")
    clock.time += timedelta(days=1)
    assert code_of(client.post(f"/api/v1/slips/{registered.visit_code}")) == (422, "ticket.past")


def test_a_copy_of_a_slip_is_noted_once_and_in_order(client: FlaskClient, hospital: Database) -> None:
    ticket = EncounterRegistered.model_validate_json(post(client, arrival()).data).ticket

    def note(copy: int) -> TestResponse:
        return client.post(f"/api/v1/tickets/{ticket.id}/copies", json={"copy_number": copy})

    assert [note(1).status_code, note(1).status_code, note(2).status_code] == [200, 200, 200]
    assert code_of(note(4)) == (409, "version.stale")
    again = EncounterRegistered.model_validate_json(post(client, arrival()).data)
    assert (again.is_known, again.copies, again.ticket.id) == (True, 2, ticket.id)
    with hospital.reading() as session:
        actors = session.scalars(sa.select(AuditLine.actor).where(AuditLine.action == "ticket.reprinted")).all()
    assert len(actors) == 2
    assert all(actor.startswith("kiosk:") for actor in actors)


def test_the_services_carry_the_red_flags_and_the_address_for_phones(
    hospital: Database, clock: StoppedClock, enrolled: tuple[Device, str]
) -> None:
    own = RedFlag(code="snake", words="Rắn cắn", words_en="Snake bite")
    section = ServerSection(public_url="https://kham.example", red_flags=(own,))
    client = create_app(ServerSettings(server=section), database=hospital, clock=clock).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {enrolled[1]}"
    offered = FacilityServices.model_validate_json(client.get(f"/api/v1/facilities/{FACILITY}/services").data)
    assert (offered.red_flags, offered.public_url) == ((own,), "https://kham.example")


def test_call_for_staff_is_stored_once(client: FlaskClient, hospital: Database) -> None:
    call = {
        "request_key": str(uuid4()),
        "step": "confirming",
        "problem": "card.removed",
        "called_at": MORNING.isoformat(),
    }
    statuses = [client.post("/api/v1/staff-calls", json=call).status_code for _ in range(2)]
    with hospital.reading() as session:
        stored = session.scalars(sa.select(StaffCall)).one()
    assert statuses == [201, 200]
    assert (stored.step, stored.problem, stored.answered_at) == ("confirming", "card.removed", None)


# Errors and health


def test_unknown_path_and_method_are_problem_documents(client: FlaskClient) -> None:
    assert code_of(client.get("/api/v1/nothing")) == (404, "http.not_found")
    response = client.delete("/api/v1/encounters")
    assert code_of(response) == (405, "http.method_not_allowed")
    assert "POST" in response.headers["Allow"]


def test_failure_inside_tells_an_incident_number_and_nothing_else(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down() -> Any:
        raise RuntimeError("secret inside")

    app.extensions["clock"] = type("Broken", (), {"now": lambda self: break_down()})()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    response = post(client, arrival())
    assert code_of(response) == (500, "internal")
    assert "secret" not in response.text
    assert response.json["detail"].removeprefix("incident ") in caplog.text  # type: ignore[index]  # asserted above


def test_busy_database_is_503_with_a_time_to_repeat(
    app: Flask, client: FlaskClient, hospital: Database, tmp_path: Path
) -> None:
    impatient = without_patience(app, tmp_path)
    with hospital.begin() as session:
        session.execute(sa.update(Kiosk).values(last_seen_at=MORNING))
        session.execute(sa.text("UPDATE audit_head SET sequence = sequence"))  # the lock every commit needs
        response = post(client, arrival())
    assert code_of(response) == (503, "database.busy")
    assert response.headers["Retry-After"] == "1"
    impatient.close()


def test_a_server_in_front_of_another_schema_lives_but_is_not_ready(app: Flask, hospital: Database) -> None:
    client = app.test_client()
    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 200)
    with hospital.begin() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    assert code_of(client.get("/readyz")) == (503, "database.schema")
    assert client.get("/healthz").status_code == 200


def test_every_answer_carries_the_security_headers(app: Flask, client: FlaskClient) -> None:
    for response in (
        client.get("/healthz"),
        client.get("/api/v1/nothing"),
        app.test_client().get("/api/v1/encounters"),
    ):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"


def test_large_body_limit_leaves_room_for_the_largest_command() -> None:
    person = {
        "full_name": "Ư" * 200,
        "address": "Ư" * 500,
        "ethnicity": "Ư" * 500,
        "identifiers": [{"system": "passport", "value": "x" * 64}] * 8,
    }
    largest = arrival(person=person, evidence={"reasons": ["x" * 64] * 32})
    assert len(json.dumps(largest.model_dump(mode="json"))) < MAX_BODY_BYTES / 2


def test_registered_row_is_the_kiosks(client: FlaskClient, hospital: Database, enrolled: tuple[Device, str]) -> None:
    post(client, arrival())
    with hospital.reading() as session:
        assert session.scalars(sa.select(Encounter.kiosk_id)).one() == enrolled[0].id


def test_facility_number_two_has_its_own_series(app: Flask, client: FlaskClient, hospital: Database) -> None:
    build_hospital(hospital, "34998")
    other = app.test_client()
    other.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {add_kiosk(hospital, 'K', '34998')[1]}"
    first = EncounterRegistered.model_validate_json(post(client, arrival()).data)
    second = EncounterRegistered.model_validate_json(post(other, arrival(facility="34998")).data)
    assert (first.ticket.label, second.ticket.label) == ("A001", "A001")

"""A visit's insurance from registration to the gateway's answer, on both databases and over HTTP."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from server.audit import AuditLine
from server.background import Background
from server.db import Database
from server.domain.card_check import CardStatus
from server.domain.days import VIETNAM
from server.domain.encounter import EncounterStatus, IssueCode
from server.errors import Refused
from server.feed import FeedRow
from server.fleet.service import Device
from server.insurance.gateway import BhxhGateway
from server.insurance.invented import FAULT_NUMBERS, TWO_CARDS, name_of, number_of
from server.insurance.models import CardCheck
from server.insurance.sealing import Seal
from server.insurance.service import LEASE, store_answer, take_due_check
from server.insurance.worker import CardChecker
from server.registration.models import Encounter, EncounterIssue
from server.registration.service import register_encounter
from tests.server.hospital import FACILITY, MORNING, arrival
from tests.server.insurance.conftest import Site
from tests.support.waiting import wait_for

SEAL = Seal(bytes(32))
Arrive = Callable[..., UUID]


@pytest.fixture
def arrive(hospital: Database, kiosk: Device, site: Site) -> Arrive:
    """Register somebody as a hospital with a gateway does; return the visit's id."""

    def arrive(number: str | None = None, *, checks: bool = True, **changes: Any) -> UUID:
        command = arrival(None, insurance={"card_number": number} if number else None, **changes)
        now = site.time.now
        registered = hospital.transact(
            lambda session: register_encounter(
                session, command, device=kiosk, actor="kiosk", now=now, checks_insurance=checks
            )
        )
        return registered.answer.encounter_id

    return arrive


@pytest.fixture
def checker(hospital: Database, site: Site) -> CardChecker:
    return make_checker(hospital, site.client(), site)


def make_checker(database: Database, gateway: BhxhGateway, site: Site) -> CardChecker:
    return CardChecker(database, gateway, SEAL, facilities=[FACILITY], now=lambda: site.time.now)


def coded(code: str) -> dict[str, Any]:
    return {"number": number_of(code), "person": {"full_name": name_of(code), "born_on": "1980-05-17"}}


def get(database: Database, encounter_id: UUID) -> tuple[Encounter, CardCheck, list[EncounterIssue]]:
    with database.reading() as session:
        encounter = session.get_one(Encounter, encounter_id)
        check = session.scalars(sa.select(CardCheck).where(CardCheck.encounter_id == encounter_id)).one()
        return encounter, check, list(encounter.issues)


def count(database: Database, *conditions: sa.ColumnElement[bool], of: type = CardCheck) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(of).where(*conditions)) or 0


def test_card_the_gateway_confirms_is_verified_and_rings_nowhere(
    hospital: Database, arrive: Arrive, checker: CardChecker
) -> None:
    visit = arrive(**coded("000"))
    before, waiting, _ = get(hospital, visit)
    assert (before.unverified, waiting.status, waiting.attempts) == (["insurance"], None, 0)
    assert checker.check_next()
    assert not checker.check_next()
    encounter, check, issues = get(hospital, visit)
    assert encounter.unverified == []
    assert (encounter.insurance_card, encounter.insurance_facility) == (number_of("000"), "34999")
    assert (encounter.insurance_from, encounter.insurance_to) == (date(2024, 1, 1), date(2035, 12, 31))
    assert (check.status, check.result_code, check.next_attempt_at) == (CardStatus.ACCEPTED, "000", None)
    assert issues == []


def test_open_pages_and_the_trail_learn_of_an_answer(hospital: Database, arrive: Arrive, checker: CardChecker) -> None:
    visit = arrive(**coded("000"))
    rows = (FeedRow.subject_id == str(visit), FeedRow.topic == "encounter")
    before = count(hospital, *rows, of=FeedRow)
    checker.check_next()
    assert count(hospital, *rows, of=FeedRow) == before + 1
    with hospital.reading() as session:
        line = session.scalars(sa.select(AuditLine).where(AuditLine.action == "encounter.card-checked")).one()
    assert (line.actor, line.subject_id, line.details) == ("system", str(visit), {"result": "000", "attempts": 1})


def test_somebody_changing_the_visit_meanwhile_need_not_begin_again(
    hospital: Database, arrive: Arrive, checker: CardChecker
) -> None:
    visit = arrive(**coded("000"))
    version = get(hospital, visit)[0].version
    checker.check_next()
    assert get(hospital, visit)[0].version == version


def test_patient_who_showed_only_a_chip_is_found_by_the_personal_number(
    hospital: Database, arrive: Arrive, checker: CardChecker
) -> None:
    person = {
        "full_name": "NGUYỄN VĂN ĐỨC", "born_on": "1990-08-15",
        "identifiers": [{"system": "vn-personal-number", "value": "001090123456"}],
    }  # fmt: skip
    visit = arrive(person=person)
    checker.check_next()
    encounter, check, issues = get(hospital, visit)
    assert (encounter.insurance_card, encounter.insurance_facility) == ("DN4340123456789", "34018")
    assert (encounter.unverified, issues) == ([], [])
    assert (check.is_claimed, check.status, check.five_years_on) == (False, CardStatus.ACCEPTED, date(2025, 1, 1))


def test_patient_without_any_card_rings_nowhere(hospital: Database, arrive: Arrive, checker: CardChecker) -> None:
    visit = arrive(person={"identifiers": [{"system": "vn-personal-number", "value": "034190000017"}]})
    checker.check_next()
    encounter, check, issues = get(hospital, visit)
    assert (check.result_code, check.status, check.next_attempt_at) == ("050", None, None)
    assert (encounter.insurance_card, encounter.unverified, issues) == (None, [], [])


NOT_CONFIRMED = [
    ("001", CardStatus.PROVISIONAL, number_of("001")),
    ("010", CardStatus.NOT_INSURED, number_of("010")),
    ("050", CardStatus.COUNTER, number_of("050")),
    ("060", CardStatus.CORRECT, name_of("060")),
    ("070", CardStatus.CORRECT, "17/05/1980"),
    ("130", CardStatus.CHILD, number_of("130")),
]


def test_card_that_is_not_confirmed_rings_at_reception_with_what_was_asked(
    hospital: Database, arrive: Arrive, checker: CardChecker
) -> None:
    visits = [arrive(**coded(code)) for code, _, _ in NOT_CONFIRMED]
    while checker.check_next():
        pass
    for visit, (code, status, presented) in zip(visits, NOT_CONFIRMED, strict=True):
        encounter, check, issues = get(hospital, visit)
        assert (encounter.unverified, encounter.insurance_card) == (["insurance"], number_of(code))
        assert check.status is status
        assert [(one.code, one.field, one.presented) for one in issues] == [
            (IssueCode.INSURANCE_CARD, f"bhyt.{code}", presented)
        ]


def test_replaced_card_gives_way_to_the_new_one(hospital: Database, arrive: Arrive, checker: CardChecker) -> None:
    visit = arrive(**coded("003"))
    checker.check_next()
    encounter, check, issues = get(hospital, visit)
    assert (encounter.insurance_card, encounter.insurance_facility) == ("GD4349900100003", "34018")
    assert (encounter.insurance_from, encounter.insurance_to) == (date(2026, 1, 1), date(2036, 12, 31))
    assert (check.number, check.status) == (number_of("003"), CardStatus.REPLACED)  # both are kept
    assert (encounter.unverified, issues) == ([], [])


def test_of_two_cards_the_one_that_holds_today_counts(hospital: Database, arrive: Arrive, checker: CardChecker) -> None:
    visit = arrive(TWO_CARDS, person={"full_name": "Bùi Thị Hai Thẻ", "born_on": "1969-06-30"})
    checker.check_next()
    encounter, check, _ = get(hospital, visit)
    assert (encounter.insurance_card, check.status) == (TWO_CARDS, CardStatus.REPLACED)


def test_nothing_is_asked_where_no_answer_could_count(hospital: Database, arrive: Arrive) -> None:
    arrive(number_of("000"), checks=False)  # no gateway is configured
    arrive()  # no number at all
    arrive(number_of("000"), person={"born_on": None})  # no birth date to ask with
    arrive(number_of("000"), arrived_at=MORNING - timedelta(days=1))  # a kiosk's journal of yesterday
    assert count(hospital) == 0


def test_registration_that_is_undone_leaves_no_question(hospital: Database, arrive: Arrive) -> None:
    with pytest.raises(Refused):
        arrive(number_of("000"), service="KHONG-CO")
    assert count(hospital) == 0


def test_gateway_that_is_down_is_asked_again_by_itself_until_it_answers(
    hospital: Database, arrive: Arrive, checker: CardChecker, site: Site
) -> None:
    site.gateway.behaviour.is_down = True
    visit = arrive(**coded("000"))
    waits = []
    for _ in range(4):
        assert checker.check_next()
        encounter, check, issues = get(hospital, visit)
        assert (encounter.unverified, check.error, issues) == (["insurance"], "status_503", [])
        assert check.next_attempt_at is not None
        waits.append((check.next_attempt_at - site.time.now).total_seconds())
        assert not checker.check_next()  # not before its time
        site.time.pass_s(waits[-1])
    assert waits == [5, 10, 20, 40]
    site.gateway.behaviour.is_down = False
    assert checker.check_next()
    encounter, check, _ = get(hospital, visit)
    assert (encounter.unverified, check.error, check.attempts) == ([], None, 5)


def test_failing_gateway_is_left_alone_for_everybody(
    hospital: Database, arrive: Arrive, checker: CardChecker, site: Site
) -> None:
    site.gateway.behaviour.is_down = True
    for code in ("000", "001", "002", "003", "004", "010"):
        arrive(**coded(code))
    while checker.check_next():
        pass
    assert count(hospital, CardCheck.error == "status_503") == 5
    assert count(hospital, CardCheck.error == "circuit_open") == 1
    with hospital.reading() as session:
        due = session.scalars(sa.select(CardCheck.next_attempt_at).where(CardCheck.error == "circuit_open")).one()
    assert due == site.time.now + timedelta(seconds=30)


def test_useless_answer_keeps_the_visit_going_and_no_evidence(
    hospital: Database, arrive: Arrive, checker: CardChecker
) -> None:
    visit = arrive(FAULT_NUMBERS["html"], person={"full_name": "Trần Văn Lỗi", "born_on": "1970-01-01"})
    checker.check_next()
    encounter, check, issues = get(hospital, visit)
    assert (encounter.unverified, issues, check.error, check.sealed_answer) == (["insurance"], [], "not_json", None)


def test_answer_that_may_change_is_asked_for_again(
    hospital: Database, arrive: Arrive, checker: CardChecker, site: Site
) -> None:
    waits = {
        "101": timedelta(seconds=5),  # the book could not be read
        "121": timedelta(minutes=30),  # moved: a new card may come
        "054": timedelta(minutes=30),  # our own officer: until a technician has put it right
        "110": None,  # withdrawn
    }
    visits = [arrive(**coded(code)) for code in waits]
    while checker.check_next():
        pass
    for visit, wait in zip(visits, waits.values(), strict=True):
        assert get(hospital, visit)[1].next_attempt_at == (None if wait is None else site.time.now + wait)


def test_same_answer_again_rings_once(hospital: Database, arrive: Arrive, checker: CardChecker, site: Site) -> None:
    visit = arrive(**coded("121"))
    for _ in range(3):
        assert checker.check_next()
        site.time.pass_s(1800)
    _, check, issues = get(hospital, visit)
    assert (check.attempts, len(issues)) == (3, 1)


def test_nobody_is_asked_for_after_the_day_of_the_visit(
    hospital: Database, arrive: Arrive, checker: CardChecker, site: Site
) -> None:
    arrive(**coded("000"))
    site.time.now = datetime(2026, 11, 24, 0, 0, 1, tzinfo=VIETNAM)
    assert not checker.check_next()
    assert site.gateway.behaviour.questions == []


def test_two_workers_never_take_the_same_question_and_a_dead_ones_comes_back(
    hospital: Database, arrive: Arrive, site: Site
) -> None:
    arrive(**coded("000"))

    def take(now: datetime) -> Any:
        return hospital.transact(lambda session: take_due_check(session, facilities=[FACILITY], now=now))

    first = take(MORNING)
    assert first is not None
    assert take(MORNING + LEASE - timedelta(seconds=1)) is None
    second = take(MORNING + LEASE)
    assert (second.id, second.attempt) == (first.id, 2)
    reply = site.client().check_card(FACILITY, first.inquiry)

    def store(taken: Any) -> None:
        hospital.transact(lambda session: store_answer(session, taken, reply.answer, sealed=b"x", now=MORNING))

    store(first)  # too late: it counts for nothing
    assert count(hospital, CardCheck.answered_at.is_not(None)) == 0
    store(second)
    assert count(hospital, CardCheck.answered_at.is_not(None)) == 1


def test_facility_without_an_account_here_is_left_to_others(hospital: Database, arrive: Arrive, site: Site) -> None:
    arrive(**coded("000"))
    other = CardChecker(hospital, site.client(), SEAL, facilities=["01013"], now=lambda: site.time.now)
    assert not other.check_next()


def test_cancelled_visit_stays_as_it_was(hospital: Database, arrive: Arrive, checker: CardChecker) -> None:
    visit = arrive(**coded("010"))
    with hospital.begin() as session:
        session.get_one(Encounter, visit).status = EncounterStatus.CANCELLED
    checker.check_next()
    encounter, check, issues = get(hospital, visit)
    assert (encounter.unverified, issues, check.result_code) == (["insurance"], [], "010")


def test_answer_is_kept_as_it_came_and_opens_with_the_key_only(
    hospital: Database, arrive: Arrive, checker: CardChecker
) -> None:
    visit = arrive(**coded("000"))
    checker.check_next()
    _, check, _ = get(hospital, visit)
    assert check.sealed_answer is not None
    assert b"maKetQua" not in check.sealed_answer
    assert name_of("000").encode() in SEAL.open(check.id, check.sealed_answer)
    with pytest.raises(InvalidTag):
        Seal(b"\x01" * 32).open(check.id, check.sealed_answer)
    with pytest.raises(InvalidTag):
        SEAL.open(visit, check.sealed_answer)


def test_threads_work_through_a_morning_and_ask_each_question_once(
    hospital: Database, arrive: Arrive, site: Site
) -> None:
    for code in ("000", "003", "010", "060", "110", "124"):
        arrive(**coded(code))
    checker = make_checker(hospital, site.client(parallel=4), site)
    threads = Background("insurance", checker.work, pause_s=0.01, count=4)
    threads.start()
    try:
        wait_for(lambda: count(hospital, CardCheck.answered_at.is_(None)) == 0)
    finally:
        threads.stop(timeout_s=10)
    assert count(hospital, CardCheck.attempts == 1) == 6
    assert len(site.gateway.behaviour.questions) == 6
    assert site.gateway.behaviour.tokens_taken == 1
    assert count(hospital, EncounterIssue.code == IssueCode.INSURANCE_CARD, of=EncounterIssue) == 4

"""Documents past their last day: the hospital's rule, and what reception sees of it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from server.accounts.vault import Vault
from server.app import create_app
from server.config import ServerSection, ServerSettings
from server.contract.fleet import HandOver
from server.contract.v1 import EncounterRegistered, FacilityServices, RegisterEncounter
from server.db import Database
from server.domain.documents import ExpiredDocuments, expiry_rule
from server.fleet.hand_overs import take_hand_over
from server.fleet.service import Device
from server.registration.models import EncounterIssue
from server.registration.service import register_encounter
from tests.server.hospital import FACILITY, MORNING, add_kiosk, arrival
from tests.server.staff import Browser, SettableClock

ALLOWED, CHECKED, REFUSED = ExpiredDocuments

# (last day of the document, the hospital's day, its rule, what follows)
CASES = [
    (date(2026, 11, 23), date(2026, 11, 22), REFUSED, None),  # a day is left
    (date(2026, 11, 23), date(2026, 11, 23), REFUSED, None),  # good for the whole of its last day
    (date(2026, 11, 23), date(2026, 11, 24), ALLOWED, ALLOWED),
    (date(2026, 11, 23), date(2026, 11, 24), CHECKED, CHECKED),
    (date(2026, 11, 23), date(2026, 11, 24), REFUSED, REFUSED),
    (date(2024, 2, 29), date(2024, 3, 1), CHECKED, CHECKED),  # the day after a leap day
    (date(2011, 6, 30), date(2026, 11, 24), CHECKED, CHECKED),  # how long ago makes no difference
    (None, date(2099, 12, 31), REFUSED, None),  # a card for life, or a code that does not say
]


@pytest.mark.parametrize(("expires_on", "day", "rule", "expected"), CASES)
def test_a_document_is_good_to_the_end_of_its_last_day(
    expires_on: date | None, day: date, rule: ExpiredDocuments, expected: ExpiredDocuments | None
) -> None:
    assert expiry_rule(expires_on, rule, on=day) is expected


def register(
    database: Database, kiosk: Device, rule: ExpiredDocuments, last_day: str, at: datetime = MORNING
) -> EncounterRegistered:
    command = arrival(evidence={"document_expires_on": last_day}, arrived_at=at)
    return database.transact(
        lambda session: register_encounter(
            session, command, device=kiosk, actor=kiosk.actor, now=at, expired_documents=rule
        ).answer
    )  # fmt: skip


def raised(database: Database) -> list[tuple[str, str | None]]:
    with database.reading() as session:
        rows = session.execute(sa.select(EncounterIssue.code, EncounterIssue.presented))
        return [(code.value, presented) for code, presented in rows]


AT_DAWN = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # 06:30 on the 23rd at the door
ASKED = [("document.expired", "2026-11-22")]

# (the document's last day, the hospital's rule, when it was read, what staff are asked)
READ_BY_A_KIOSK = [
    ("2026-11-22", ALLOWED, MORNING, []),
    ("2026-11-22", CHECKED, MORNING, ASKED),
    ("2026-11-22", REFUSED, MORNING, ASKED),  # the kiosk had not heard of the rule yet: its number stands
    ("2026-11-22", CHECKED, AT_DAWN, ASKED),  # it is still the 22nd at Greenwich
    ("2026-11-23", CHECKED, MORNING, []),
]


@pytest.mark.parametrize(("last_day", "rule", "at", "expected"), READ_BY_A_KIOSK)
def test_staff_are_asked_to_look_where_the_rule_says_so(
    hospital: Database, kiosk: Device, last_day: str, rule: ExpiredDocuments, at: datetime,
    expected: list[tuple[str, str]],
) -> None:  # fmt: skip
    assert register(hospital, kiosk, rule, last_day, at).ticket.label == "A001"
    assert raised(hospital) == expected


def test_who_shows_the_same_card_again_is_looked_at_once(hospital: Database, kiosk: Device) -> None:
    first, again = (register(hospital, kiosk, CHECKED, "2026-11-22") for _ in range(2))
    assert (again.is_known, again.ticket.id) == (True, first.ticket.id)
    assert raised(hospital) == ASKED


def test_what_staff_have_settled_is_asked_again_only_where_it_says_something_new(
    hospital: Database, kiosk: Device
) -> None:
    def show_contradicted_and_expired() -> None:
        command = arrival(evidence={"assurance": "chip-contradicted", "document_expires_on": "2026-11-22"})
        hospital.transact(
            lambda session: register_encounter(
                session, command, device=kiosk, actor=kiosk.actor, now=MORNING, expired_documents=CHECKED
            )
        )

    show_contradicted_and_expired()
    show_contradicted_and_expired()
    assert sorted(raised(hospital)) == [*ASKED, ("identity.contradicted", None)]
    with hospital.begin() as session:
        session.execute(sa.update(EncounterIssue).values(settled_at=MORNING, settled_by="le.tan", decision="đã xem"))
    show_contradicted_and_expired()
    assert sorted(raised(hospital)) == [*ASKED, ("identity.contradicted", None), ("identity.contradicted", None)]


def test_kiosks_hear_the_rule_of_the_configuration_and_the_server_keeps_it(hospital: Database) -> None:
    settings = ServerSettings(server=ServerSection(expired_documents=CHECKED))
    client = create_app(settings, database=hospital, clock=SettableClock()).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {add_kiosk(hospital, 'K')[1]}"
    offered = FacilityServices.model_validate_json(client.get(f"/api/v1/facilities/{FACILITY}/services").data)
    assert offered.expired_documents is CHECKED
    command: RegisterEncounter = arrival(evidence={"document_expires_on": "2026-11-22"})
    headers = {"Idempotency-Key": str(command.request_key)}
    client.post("/api/v1/encounters", json=command.model_dump(mode="json"), headers=headers)
    assert raised(hospital) == ASKED


def row_of(desk: Browser, visit: UUID) -> str:
    html: str = desk.get(f"/reception/rows?id={visit}").get_json()["rows"][0]["html"]
    return html


def test_where_expired_cards_are_allowed_the_list_marks_them_and_asks_nothing(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    row = row_of(desk, register(hospital, kiosk, ALLOWED, "2026-11-22").encounter_id)
    assert "giấy tờ hết hạn" in row
    assert "Cần xem lại" not in row


def test_reception_sees_why_it_must_look_and_that_it_was_the_day_of_the_visit(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    visit = register(hospital, kiosk, CHECKED, "2026-11-22").encounter_id
    assert row_of(desk, visit).count("giấy tờ hết hạn") == 1
    page = desk.get(f"/reception/encounters/{visit}").text
    assert "Giấy tờ đã hết hạn vào ngày đăng ký" in page
    assert page.count("22/11/2026") == 2  # the document's last day, and what is to be settled
    assert "Không cần kiểm tra thêm" not in page  # which else is said of a chip that is proved


def test_a_card_that_a_kiosk_refused_comes_to_the_desk_with_its_last_day_and_a_word_about_it(
    desk: Browser, hospital: Database, kiosk: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault(tmp_path)
    monkeypatch.setitem(desk.app.extensions, "vault", vault)
    read = arrival(evidence={"document_expires_on": "2026-11-22"})
    message = HandOver(
        key=uuid4(), session=uuid4(), step="reading", problem="document.expired", person=read.person,
        evidence=read.evidence, handed_at=MORNING,
    )  # fmt: skip
    with hospital.begin() as session:
        take_hand_over(session, message, device=kiosk, vault=vault, now=MORNING)
    page = desk.get(f"/desk?draft={message.key}").text
    assert 'value="22/11/2026"' in page
    assert "Giấy tờ đã hết hạn" in page


def test_a_document_that_expires_after_the_visit_was_good_for_it(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    visit = register(hospital, kiosk, CHECKED, "2026-11-23").encounter_id
    desk.clock.pass_by(timedelta(hours=17))  # past midnight, and signed in still
    desk.sign_in()
    assert "Giấy tờ đã hết hạn" not in desk.get(f"/reception/encounters/{visit}").text

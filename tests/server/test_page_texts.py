"""Every word of the staff's pages, in both languages."""

import re
import string
from dataclasses import replace
from datetime import date
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from drivers.health import DeviceKind
from drivers.icao9303.verdict import POLICY
from kiosk.assembly import PAPERS_CUT
from kiosk.screens.texts.problems_vi import PROBLEMS
from kiosk.session import State
from server.accounts.administration_texts import TEXTS as STAFF
from server.accounts.passwords import PasswordFault
from server.accounts.roles import Role
from server.accounts.texts import TEXTS as FRAME
from server.accounts.tokens import Scope
from server.appointments.texts import TEXTS as APPOINTMENTS
from server.auditing.action_texts import TEXTS as AUDITED_ACTS
from server.auditing.actions import ACTIONS, Kind
from server.auditing.texts import TEXTS as AUDITING
from server.board.texts import TEXTS as BOARD
from server.counter.texts import TEXTS as COUNTER
from server.coverage.texts import TEXTS as COVERAGE
from server.desk.forms import PersonKind
from server.desk.texts import TEXTS as DESK
from server.domain.card_check import VERDICTS, Alarm, CardStatus
from server.domain.coverage import (
    Arrival,
    FacilityStanding,
    FormerLine,
    ListedDisease,
    LivingArea,
    TechnicalLevel,
    patient_type,
)
from server.domain.duplicates import Ground
from server.domain.encounter import EncounterStatus, IssueCode
from server.domain.identity import IdentifierSystem, IdentityAssurance, Sex
from server.domain.kiosk_care import Finding
from server.domain.listed_diseases import Condition
from server.domain.papers import PaperProblem
from server.domain.queue import TicketStatus
from server.domain.red_flags import RED_FLAGS
from server.domain.relations import Relationship
from server.domain.visit_coverage import Circumstance
from server.facilities.texts import TEXTS as FACILITIES
from server.fleet.texts import TEXTS as FLEET
from server.insurance.decisions import OUT_OF_DATES
from server.outbox.texts import TEXTS as OUTBOX
from server.pages import make_area
from server.patients.texts import TEXTS as PATIENTS
from server.portal.texts import TEXTS as PORTAL
from server.printing.texts import TEXTS as SLIPS
from server.queues.texts import TEXTS as QUEUES
from server.reception.correction_texts import TEXTS as CORRECTIONS
from server.reception.reading_texts import REASONS
from server.reception.texts import TEXTS as RECEPTION
from server.reports.texts import TEXTS as REPORTS
from server.shared_texts import SHARED
from server.texts import Catalogue, Texts

TEMPLATES = Path(__file__).parents[2] / "templates"
CATALOGUES = {
    "shared": SHARED,
    "appointments": APPOINTMENTS,
    "facilities": FACILITIES,
    "frame": FRAME,
    "reception": RECEPTION,
    "reasons": REASONS,
    "corrections": CORRECTIONS,
    "counter": COUNTER,
    "coverage": COVERAGE,
    "desk": DESK,
    "patients": PATIENTS,
    "auditing": AUDITING,
    "audited acts": AUDITED_ACTS,
    "board": BOARD,
    "portal": PORTAL,
    "queues": QUEUES,
    "outbox": OUTBOX,
    "reports": REPORTS,
    "fleet": FLEET,
    "staff": STAFF,
    "slips": SLIPS,
}
MARKS = re.compile("[ăâđêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụỳýỷỹỵằắẳẵặầấẩẫậềếểễệồốổỗộờớởỡợừứửữự]", re.IGNORECASE)


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", CATALOGUES)
def test_both_languages_are_there_and_leave_room_for_the_same_values(name: str) -> None:
    for code, (vietnamese, english) in CATALOGUES[name].items():
        assert vietnamese.strip(), code
        assert english.strip(), code
        assert names_in(vietnamese) == names_in(english), code


@pytest.mark.parametrize("name", CATALOGUES)
def test_the_languages_are_not_mixed_up(name: str) -> None:
    for code, (_, english) in CATALOGUES[name].items():
        assert code == "language.switch" or not MARKS.search(english), code


@pytest.mark.parametrize(
    ("catalogue", "prefix", "codes"),
    [
        (FRAME, "role", Role),
        (FRAME, "password", PasswordFault),
        (RECEPTION, "assurance", IdentityAssurance),
        (RECEPTION, "assurance.short", IdentityAssurance),
        (RECEPTION, "advice", IdentityAssurance),
        (SHARED, "sex", Sex),
        (SHARED, "relation", Relationship),
        (RECEPTION, "ticket", TicketStatus),
        (RECEPTION, "issue", IssueCode),
        (RECEPTION, "why", IssueCode),
        (RECEPTION, "card", CardStatus),
        (RECEPTION, "identifier", IdentifierSystem),
        (RECEPTION, "field", IdentifierSystem),
        (RECEPTION, "step", State),
        (PATIENTS, "ground", Ground),
        (PATIENTS, "number", IdentifierSystem),
        (PATIENTS, "status", EncounterStatus),
        (COVERAGE, "circumstance", Circumstance),
        (COVERAGE, "area", LivingArea),
        (COVERAGE, "condition", Condition),
        (COVERAGE, "coverage.papers.disease.hint", ListedDisease),
        (DESK, "kind", PersonKind),
        (DESK, "ground", Ground),
        (DESK, "number", IdentifierSystem),
        (FLEET, "care", Finding),
        (FLEET, "device", DeviceKind),
        (STAFF, "scope", Scope),
        (AUDITING, "kind", Kind),
    ],
)
def test_every_code_of_the_program_has_its_words(catalogue: Catalogue, prefix: str, codes: type[StrEnum]) -> None:
    assert [code for code in codes if f"{prefix}.{code.value}" not in catalogue] == []


def test_every_act_the_audit_log_sorts_has_its_word_and_no_word_is_left_over() -> None:
    assert set(AUDITED_ACTS) == {f"action.{action}" for action in ACTIONS}


def test_every_result_of_the_insurance_gateway_that_rings_at_reception_is_said_in_words() -> None:
    rings = {code for code, verdict in VERDICTS.items() if verdict.alarm is Alarm.RECEPTION} | {OUT_OF_DATES}
    assert {code for code in RECEPTION if code.startswith("field.bhyt.")} == {f"field.bhyt.{code}" for code in rings}


def test_whatever_a_kiosk_says_to_a_patient_it_can_say_to_reception() -> None:
    spoken = {code for code in PROBLEMS if not code.endswith("*")}
    spoken |= {"urgent", *(f"urgent.{code}" for code, _, _ in RED_FLAGS)}
    assert {code.removeprefix("ring.") for code in RECEPTION if code.startswith("ring.")} == spoken | {PAPERS_CUT}


def test_whatever_a_chip_reading_found_is_said_in_words() -> None:
    assert {f"reason.{code}" for code in POLICY} == set(REASONS)


def test_every_reason_of_a_patient_type_is_said_in_words() -> None:
    standings = [
        FacilityStanding(level, line, points)
        for level, line, points in product(TechnicalLevel, FormerLine, (None, 49, 50))
    ]
    found: set[str] = {patient_type(Arrival(date(2026, 11, 23), standings[0], insured=False)).reason}
    marks = [name for name, kind in Arrival.__annotations__.items() if kind is bool and name != "insured"]
    known: list[dict[str, Any]] = [{}, *({mark: True} for mark in marks), *({"disease": one} for one in ListedDisease)]
    for standing, facts, inpatient in product(standings, known, (False, True)):
        arrival = Arrival(date(2026, 11, 23), standing, insured=True, inpatient=inpatient)
        found.add(patient_type(replace(arrival, **facts)).reason)
    assert {code for code in COVERAGE if code.startswith("type.")} == {f"type.{reason}" for reason in found}


def test_whatever_is_wrong_with_a_transfer_paper_is_said_in_words() -> None:
    assert {code for code in COVERAGE if code.startswith("paper.")} == {problem.value for problem in PaperProblem}


def test_a_text_that_would_hide_another_of_its_page_stops_the_start() -> None:
    with pytest.raises(ValueError, match=r"nav\.desk"):
        make_area("hiding", __name__, DESK, {"nav.desk": ("Bàn", "Table")})


def test_every_text_a_template_asks_for_is_there() -> None:
    asked = {
        code
        for area in (
            "accounts",
            "appointments",
            "board",
            "counter",
            "desk",
            "facilities",
            "fleet",
            "outbox",
            "patients",
            "portal",
            "printing",
            "queues",
            "reception",
            "reports",
            "shared",
            "staff",
        )
        for template in (TEMPLATES / area).glob("*.html")
        for code in re.findall(
            r"""\b(?:t|paper|vi|en)\(\s*["']([^"']+)["']\s*[,)]""", template.read_text(encoding="utf-8")
        )
    }
    assert len(asked) > 60
    assert asked - {code for catalogue in CATALOGUES.values() for code in catalogue} == set()


def test_a_code_with_a_place_is_said_with_its_place_and_an_unknown_one_stays_readable() -> None:
    t = Texts("en", REASONS)
    assert t.find("reason", "pa.hash_wrong.dg2") == "Part of the data was altered after it was signed (DG2)"
    assert t.find("reason", "pa.quantum_broken") == "pa.quantum_broken"


def test_a_code_of_ours_without_a_text_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Texts("vi", FRAME)("no.such.text")

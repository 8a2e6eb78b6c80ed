"""What was typed becomes values or a mistake in words; what should be known is said before the button is pressed."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from server.desk.checks import Level, LikePerson, Note, Situation, VisitToday, is_ready, notes_of
from server.desk.entry import Entry, read_entry
from server.desk.forms import RegistrationForm
from server.desk.scanning import Scan, read_scan
from server.desk.texts import TEXTS
from server.domain.catalogue import Payer
from server.domain.duplicates import Ground
from server.domain.identity import Identifier, IdentifierSystem, PartialDate
from server.domain.matching import Difference

TODAY = date(2026, 11, 23)
DESK = Path(__file__).parents[3] / "server" / "desk"
GOOD: dict[str, Any] = {
    "full_name": "Nguyễn Thị Thử",
    "born_on": "15/8/1990",
    "sex": "female",
    "personal_number": "034190000017",
    "service": "NOI",
}


def entry(**changes: Any) -> Entry:
    return read_entry(RegistrationForm.model_validate(GOOD | changes), today=TODAY)


def test_a_citizen_with_a_card_needs_nothing_more() -> None:
    read = entry(phone="+84 912 345 678", insurance_card="DN4 34 0123456789", insurance_to="31/12/2026")
    assert read.mistakes == {}
    assert read.person.born_on == PartialDate(1990, 8, 15)
    assert read.person.identifiers == (
        Identifier(IdentifierSystem.PERSONAL_NUMBER, "034190000017"),
        Identifier(IdentifierSystem.INSURANCE_CARD, "0123456789"),
    )
    assert read.phone == "0912345678"
    assert read.claim is not None
    assert (read.claim.card_number, read.claim.valid_to) == ("DN4340123456789", date(2026, 12, 31))


@pytest.mark.parametrize(
    ("changes", "mistakes"),
    [
        ({"full_name": ""}, {"full_name": "name.missing"}),
        ({"full_name": "123"}, {"full_name": "name.letters"}),
        ({"born_on": "31/2/1990"}, {"born_on": "born.unreadable"}),
        ({"born_on": "24/11/2026"}, {"born_on": "born.impossible"}),  # tomorrow
        ({"born_on": "23/11/2026"}, {}),  # born today
        ({"born_on": "1890"}, {"born_on": "born.impossible"}),
        ({"born_on": ""}, {}),  # many old people know the year only, some not even that
        ({"born_on": "", "age": "x"}, {"age": "age.unreadable"}),
        ({"born_on": "", "age": "131"}, {"age": "age.unreadable"}),
        ({"personal_number": "034 190 000 017"}, {}),  # as it is read out
        ({"personal_number": "03419000001"}, {"personal_number": "number.form"}),
        ({"personal_number": "034990000017"}, {"personal_number": "number.form"}),  # nobody alive has a 9 there
        ({"personal_number": ""}, {"personal_number": "number.missing"}),
        ({"personal_number": "", "old_number": "990000017"}, {}),
        ({"personal_number": "", "insurance_card": "0123456789"}, {}),  # the card alone names its holder
        ({"personal_number": "", "kind": "no-papers"}, {}),
        ({"personal_number": "", "patient_id": "00000000-0000-0000-0000-000000000007"}, {}),
        ({"old_number": "12345678"}, {"old_number": "old_number.form"}),
        ({"social_number": "123"}, {"social_number": "social.form"}),
        ({"phone": "912"}, {"phone": "phone.form"}),
        ({"expires_on": "12/2026"}, {"expires_on": "date.form"}),  # a day is needed to say expired
        ({"insurance_card": "DN6340123456789"}, {"insurance_card": "card.form"}),  # benefit levels are 1 to 5
        ({"insurance_card": "034190000017"}, {}),  # the personal number as insurance number
        ({"insurance_card": "0123456789", "insurance_facility": "340"}, {"insurance_facility": "facility.form"}),
        ({"service": ""}, {"service": "service.missing"}),
        ({"kind": "foreigner", "personal_number": ""}, {"passport": "passport.missing"}),
        ({"kind": "foreigner", "personal_number": "", "passport": "C01X00T47"}, {"nationality": "passport.country"}),
        ({"kind": "foreigner", "personal_number": "", "passport": "C01 X00T47", "nationality": "deu"}, {}),
        ({"kind": "foreigner", "passport": "C", "nationality": "DEU"}, {"passport": "passport.form"}),
        ({"nationality": "D"}, {"nationality": "nationality.form"}),
        ({"kind": "newborn", "personal_number": ""}, {"companion_name": "mother.missing"}),
        ({"kind": "newborn", "personal_number": "", "born_on": "", "companion_name": "Lê Thị Mẹ"},
         {"born_on": "born.missing"}),
        ({"companion_name": "Lê Văn Bố"}, {"companion": "companion.relation"}),
        ({"companion": "father"}, {"companion_name": "companion.missing"}),
        ({"companion_phone": "0912345678"}, {"companion_name": "companion.missing"}),
        ({"companion": "father", "companion_name": "Lê Văn Bố", "companion_number": "12"},
         {"companion_number": "number.form"}),
    ],
)  # fmt: skip
def test_mistakes_are_named_at_their_field(changes: dict[str, Any], mistakes: dict[str, str]) -> None:
    assert entry(**changes).mistakes == mistakes


def test_a_newborn_without_a_name_is_called_after_the_mother() -> None:
    read = entry(kind="newborn", full_name="", personal_number="", born_on="23/11/2026", companion_name="Lê Thị  Mẹ")
    assert read.mistakes == {}
    assert read.person.full_name == "Con bà Lê Thị Mẹ"
    assert read.relative is not None
    assert read.relative.relationship == "mother"


def test_an_unknown_person_is_registered_by_a_guessed_age_and_no_number_left_on_the_page() -> None:
    read = entry(kind="unidentified", full_name="", born_on="", age="40", insurance_card="0123456789")
    assert read.mistakes == {}
    assert (read.person.full_name, str(read.person.born_on)) == ("Chưa rõ danh tính", "1986")
    assert (read.is_unidentified, read.is_birth_estimated, read.person.identifiers, read.claim) == (
        True,
        True,
        (),
        None,
    )


# Notes

VISIT = VisitToday("e1", "A001", "Khám nội", "General medicine", is_same_queue=True)
LIKE = LikePerson("p1", "Nguyễn Thị Thử", "1990-08-15", (Ground.SAME_NAME, Ground.SAME_BIRTH_DATE))


def codes(situation: Situation) -> list[tuple[Level, str]]:
    return [(note.level, note.code) for note in notes_of(situation)]


def situation(changes: dict[str, Any] | None = None, **known: Any) -> Situation:
    return Situation(entry=entry(**changes or {}), today=TODAY, **known)


CARD = {"insurance_card": "0123456789"}
WARNING, QUESTION, MISTAKE, GOOD_TO_KNOW = Level.WARNING, Level.QUESTION, Level.MISTAKE, Level.GOOD_TO_KNOW


@pytest.mark.parametrize(
    ("asked", "said", "ready"),
    [
        (situation(), [], True),
        (situation({"full_name": ""}), [(MISTAKE, "name.missing")], False),
        (situation(visits_today=(VISIT,)), [(QUESTION, "visit.same_queue")], False),
        (situation(visits_today=(VISIT,), second_reason="Mất phiếu"), [(WARNING, "visit.second")], True),
        (situation(visits_today=(replace(VISIT, is_same_queue=False),)), [(GOOD_TO_KNOW, "visit.elsewhere")], True),
        (situation(like_people=(LIKE,)), [(QUESTION, "person.like")], False),
        (situation(like_people=(LIKE,), is_other_person=True), [], True),
        (situation(like_people=(LIKE,), is_new_person=False), [], True),  # somebody was picked
        (situation(other_personal_number=True), [(MISTAKE, "number.not_of_record")], False),
        (situation(held_elsewhere=(IdentifierSystem.INSURANCE_CARD,)), [(WARNING, "number.held")], True),
        (situation(differences=(Difference("sex", "male", "female"),)), [(WARNING, "record.differs")], True),
        (situation({"born_on": "1991"}), [(WARNING, "number.other_year")], True),  # lawful, and mostly a slip
        (situation({"sex": "male"}), [(WARNING, "number.other_sex")], True),
        (situation({"sex": "unknown"}), [], True),
        (situation({"expires_on": "22/11/2026"}), [(WARNING, "document.expired")], True),
        (situation({"expires_on": "23/11/2026"}), [], True),  # holds to the end of its last day
        (situation(CARD | {"insurance_to": "22/11/2026"}), [(WARNING, "card.expired")], True),
        (situation(CARD | {"insurance_from": "24/11/2026"}), [(WARNING, "card.not_yet")], True),
        (situation({"insurance_card": "QN5340123456789"}), [(WARNING, "card.paper")], True),
        (situation({"insurance_card": "GD4340123456789"}), [], True),
        (situation({"born_on": "24/11/2010", "personal_number": "034310000017"}), [(WARNING, "child.alone")], True),
        (situation({"born_on": "23/11/2010", "personal_number": "034310000017"}), [], True),  # 16 today
        (situation({"born_on": "23/11/1951", "personal_number": "034151000017"}),
         [(GOOD_TO_KNOW, "priority.elderly")], True),  # 75 today
    ],
)  # fmt: skip
def test_what_should_be_known_is_said(asked: Situation, said: list[tuple[Level, str]], ready: bool) -> None:
    assert codes(asked) == said
    assert is_ready(notes_of(asked)) == ready


PRICES = {Payer.INSURED: 50_600, Payer.SELF: 60_000, Payer.ON_REQUEST: 150_000}
YOUNG = {"born_on": "1/9/2021", "personal_number": "034321000017"}
HELD = CARD | {"insurance_from": "1/1/2026", "insurance_to": "31/12/2026"}


@pytest.mark.parametrize(
    ("changes", "payer", "said", "reason"),
    [
        ({}, None, ("self", 60_000, 60_000), "neither card nor choice"),
        (HELD, None, ("insured", 50_600, 0), "a card that holds"),
        (HELD | {"insurance_to": "22/11/2026"}, None, ("self", 60_000, 60_000), "a card that ended yesterday"),
        (HELD | {"insurance_from": "24/11/2026"}, None, ("self", 60_000, 60_000), "a card that begins tomorrow"),
        (YOUNG, None, ("insured", 50_600, 0), "a child under six counts as insured"),
        (HELD, Payer.SELF, ("self", 60_000, 60_000), "chosen, whatever the card says"),
        ({}, Payer.INSURED, ("insured", 50_600, 0), "chosen, and the gateway will say"),
        (HELD, Payer.ON_REQUEST, ("on-request", 150_000, 99_400), "on request with a card: the difference"),
        ({}, Payer.ON_REQUEST, ("on-request", 150_000, 150_000), "on request without one: all of it"),
    ],
)
def test_what_the_patient_is_told_of_money(
    changes: dict[str, Any], payer: Payer | None, said: tuple[str, int, int], reason: str
) -> None:
    (note,) = (one for one in notes_of(situation(changes, payer=payer, prices_vnd=PRICES)) if one.code == "charge")
    assert note.level is GOOD_TO_KNOW
    assert (note.values["payer"], int(note.values["price_vnd"]), int(note.values["now_vnd"])) == said, reason


def test_a_child_under_six_has_priority_and_needs_a_companion() -> None:
    child = {"born_on": "1/1/2024", "personal_number": "034324000017"}
    told = [(GOOD_TO_KNOW, "priority.child"), (GOOD_TO_KNOW, "card.child")]
    assert codes(situation(child)) == [(WARNING, "child.alone"), *told]
    with_mother = child | {"companion": "mother", "companion_name": "Lê Thị Mẹ"}
    assert codes(situation(with_mother)) == told
    assert codes(situation(with_mother, payer=Payer.SELF)) == told[:1]
    assert codes(situation(with_mother | {"insurance_card": "TE1340123456789"})) == told[:1]


def test_every_note_and_mistake_has_its_words() -> None:
    """The codes are read out of the two modules that make them, so that a new one cannot stay mute."""
    entry_source, checks_source = ((DESK / name).read_text(encoding="utf-8") for name in ("entry.py", "checks.py"))
    mistakes = set(re.findall(r'(?:\] = |, )"([a-z_]+\.[a-z_]+)"', entry_source))
    doubts = set(re.findall(r'append\("([a-z_.]+)"\)', entry_source))
    notes = {
        f"{level.lower().replace('_', '-')}.{code}"
        for level, code in re.findall(r'Level\.([A-Z_]+), "([a-z_]+\.[a-z_]+)"', checks_source)
    }
    wanted = {f"mistake.{code}" for code in mistakes} | {f"warning.{code}" for code in doubts} | notes
    assert len(wanted) > 30
    assert wanted - set(TEXTS) == set()


def test_a_note_is_a_value() -> None:
    assert Note(Level.WARNING, "card.expired") == Note(Level.WARNING, "card.expired", "", {})


# What comes from the scanner

CCCD = "034190000017|990000017|Nguyễn Thị Thử|15081990|Nữ|Thôn Thử, Xã Mẫu|25042021"
NAME_HEX = "Nguyễn Thị Thử".encode().hex()
BHYT = (
    f"DN4340123456789|{NAME_HEX}|15/08/1990|2|-|34 - 018|01/01/2026|31/12/2026|28/12/2025|34060123456789|-|4|"
    "01/01/2030|0123456789abcdef-7102|$"
)
MRZ = "P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"


def test_an_id_card_fills_the_person() -> None:
    assert read_scan(CCCD, today=TODAY).fields == {
        "kind": "documents", "scanned": "qr", "personal_number": "034190000017", "old_number": "990000017",
        "full_name": "Nguyễn Thị Thử", "born_on": "15/08/1990", "sex": "female", "address": "Thôn Thử, Xã Mẫu",
    }  # fmt: skip


def test_an_insurance_card_fills_person_and_claim_and_never_the_address() -> None:
    assert read_scan(BHYT, today=TODAY).fields == {
        "scanned": "insurance-qr", "insurance_card": "DN4340123456789", "social_number": "0123456789",
        "full_name": "Nguyễn Thị Thử", "born_on": "15/08/1990", "sex": "female", "insurance_facility": "34018",
        "insurance_from": "01/01/2026", "insurance_to": "31/12/2026",
    }  # fmt: skip


def test_a_passport_reader_types_two_lines() -> None:
    """The specimen of a German passport (ICAO writes D, ISO 3166 DEU); a space stands between the lines."""
    assert read_scan(" ".join(MRZ), today=TODAY).fields == {
        "kind": "foreigner", "scanned": "mrz", "passport": "C01X00T47", "nationality": "DEU",
        "full_name": "MUSTERMANN ERIKA", "born_on": "12/08/1964", "sex": "female", "expires_on": "28/02/2027",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "scan"),
    [
        ("Nguyễn Thị Lan 15/8/1990", Scan(search="Nguyễn Thị Lan 15/8/1990")),
        ("034190000017", Scan(search="034190000017")),
        ("0912 345 678", Scan(search="0912 345 678")),
        ("TD1:7ZK3M9Q2X4B8C1D5E6FG", Scan(search="TD1:7ZK3M9Q2X4B8C1D5E6FG")),
        ("ta1:7zk3m9q2x4b8c1d5e6fg", Scan(search="TA1:7ZK3M9Q2X4B8C1D5E6FG")),
        (CCCD[:30], Scan(refusal="code.half")),
        (f"{CCCD}{CCCD.replace('034190000017', '034190000025')}", Scan(refusal="code.several")),
        (CCCD.replace("|", ""), Scan(refusal="code.layout")),  # the layout has no such key
        ("ĐN" + BHYT[2:].replace("|", ""), Scan(refusal="code.layout")),  # a Vietnamese input method was on
        ("!@#$%^&*()!@|rest", Scan(refusal="code.layout")),  # Shift or Caps Lock was on
        ("eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl", Scan(refusal="code.unreadable_here")),  # VNeID and other sealed codes
    ],
)
def test_a_scan_is_searched_for_or_refused_with_its_reason(text: str, scan: Scan) -> None:
    assert read_scan(text, today=TODAY) == scan
    assert scan.refusal is None or scan.refusal in TEXTS


def test_a_name_damaged_by_the_scanner_is_left_out_and_said() -> None:
    scan = read_scan(CCCD.replace("Nguyễn", "Nguy?n"), today=TODAY)
    assert scan.has_damage
    assert "full_name" not in scan.fields
    assert scan.fields["personal_number"] == "034190000017"

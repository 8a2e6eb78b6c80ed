"""The words: complete in both languages, for everything that can happen."""

import re
import string
from datetime import timedelta
from pathlib import Path

import pytest

from drivers import errors
from drivers.icao9303.reading import Assurance
from drivers.icao9303.verdict import POLICY
from drivers.scanner.hints import Hint
from drivers.simulated.printer_device import FAULTS
from kiosk.conversation.view import Language
from kiosk.journal.errors import JournalError
from kiosk.screens.simulator import _OTHER_CODES
from kiosk.screens.texts import CATALOGUES, Texts
from kiosk.screens.texts.simulator import SIMULATOR_TEXTS
from kiosk.screens.texts.technician import TECHNICIAN_TEXTS, TechnicianTexts
from kiosk.server import ServerError
from server.domain.identity import IdentityAssurance

LANGUAGES: tuple[Language, ...] = ("vi", "en")
ROOT = Path(__file__).parents[3]


def subclasses(kind: type[errors.DriverError] | type[JournalError] | type[ServerError]) -> set[str]:
    return {kind.code} | {code for one in kind.__subclasses__() for code in subclasses(one)}


def codes_in(folder: str, *families: str) -> set[str]:
    """Every string of the form ``family.word`` in the sources below ``folder``.

    Not of files that hold words themselves, nor of commands, which speak to technicians.
    """
    form = re.compile(rf'"((?:{"|".join(families)})\.[a-z_]+)"')
    sources = [file for file in (ROOT / folder).rglob("*.py") if not {"screens", "cli"} & set(file.parts)]
    speaking = [file for file in sources if file.stem != "ticket_layout"]
    return {code for file in speaking for code in form.findall(file.read_text("utf-8"))}


def placeholders(phrase: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}


def test_both_catalogues_have_the_same_keys() -> None:
    vietnamese, english = CATALOGUES["vi"], CATALOGUES["en"]
    for part in ("phrases", "verdicts", "grounds", "problems", "printer_troubles", "notices"):
        assert list(getattr(vietnamese, part)) == list(getattr(english, part))


@pytest.mark.parametrize("texts", [CATALOGUES["vi"].phrases, SIMULATOR_TEXTS["vi"], TECHNICIAN_TEXTS["vi"]])
def test_phrases_have_the_same_placeholders_in_both_languages(texts: dict[str, str]) -> None:
    others = (CATALOGUES["en"].phrases, SIMULATOR_TEXTS["en"], TECHNICIAN_TEXTS["en"])
    english = next(one for one in others if set(one) == set(texts))
    assert {key: placeholders(text) for key, text in texts.items()} == {
        key: placeholders(text) for key, text in english.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_written_and_ends_clean(language: Language) -> None:
    catalogue = CATALOGUES[language]
    problems = [text for one in catalogue.problems.values() for text in (one.title, one.why, *one.steps)]
    verdicts = [text for one in catalogue.verdicts.values() for text in (one.title, one.meaning)]
    for text in (*catalogue.phrases.values(), *problems, *verdicts, *catalogue.notices.values()):
        assert text == text.strip() != ""
        assert "  " not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_below_the_application_has_words_of_its_own(language: Language) -> None:
    texts = Texts(language)
    general = texts.problem("*")
    codes = subclasses(errors.DriverError) | subclasses(JournalError) | subclasses(ServerError)
    assert [code for code in sorted(codes) if "." in code and texts.problem(code) is general] == []


CODE_FAMILIES = (
    "card",
    "chip",
    "code",
    "identity",
    "insurance",
    "number",
    "registration",
    "scanner",
    "service",
    "visit",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_and_hint_the_sources_name_has_words_of_its_own(language: Language) -> None:
    catalogue = CATALOGUES[language]
    codes = codes_in("kiosk", *CODE_FAMILIES) | codes_in("drivers/codec", "code")
    # Reasons for staff, behind chip.contradicts_code.
    codes -= {"code.other_number", "code.other_document", "code.differs"}
    codes -= {"visit.not_refused", "card.none", "card.not_wanted"}  # answers to orders of the desk
    assert codes >= {"card.removed", "code.half", "scanner.not_ours"}
    assert codes - set(catalogue.notices) - set(catalogue.problems) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_live_hint_of_the_scanner_has_words_of_its_own(language: Language) -> None:
    notices = CATALOGUES[language].notices
    assert {hint.value for hint in Hint} <= set(notices)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_printer_code_has_its_sentence(language: Language) -> None:
    codes = codes_in("drivers/printer", "printer") | codes_in("kiosk", "printer")
    assert codes >= {"printer.paper_out", "printer.cover_open"}
    assert codes <= set(CATALOGUES[language].printer_troubles)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_assurance_is_told_in_plain_words(language: Language) -> None:
    verdicts = CATALOGUES[language].verdicts
    assert {one.value for one in IdentityAssurance} <= set(verdicts)
    assert {f"chip-{one.value}" for one in Assurance} <= set(verdicts)
    titles = [verdict.title for code, verdict in verdicts.items() if code.startswith("chip-")]
    assert len(set(titles)) >= 3  # proved, read, contradicted; the two readings differ in their meaning


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_a_proved_card_is_called_genuine(language: Language) -> None:
    word = {"vi": "thẻ thật,", "en": "genuine card,"}[language]
    proved = [code for code, one in CATALOGUES[language].verdicts.items() if word in one.meaning]
    assert proved == ["chip-trusted"]


@pytest.mark.parametrize(
    ("code", "reasons", "words"),
    [
        ("chip-consistent", ("pa.csca_unknown", "aa.valid"), "issuer could not be verified"),
        (
            "chip-consistent",
            ("pa.trusted", "copy.unchecked"),
            "Whether the chip is the original",
        ),  # the issuer is known
        ("chip-read", ("device.timeout",), "stopped answering"),
        ("chip-read", ("pa.ds_usage",), "could not be proved genuine"),  # for staff: the patient gets the usual words
        ("qr", ("card.access_denied",), "did not open"),
        ("qr", (), "has not been read"),
        ("chip-trusted", ("pa.trusted", "aa.valid"), "genuine card"),
        ("proving", ("pa.csca_unknown",), "You can go on"),
    ],
)
def test_a_verdict_says_why_where_a_patient_may_wonder(code: str, reasons: tuple[str, ...], words: str) -> None:
    assert words in Texts("en").verdict(code, reasons).meaning


def test_grounds_are_reasons_that_exist() -> None:
    codes = subclasses(errors.DriverError) | set(POLICY)
    assert set(CATALOGUES["vi"].grounds) <= codes


def test_an_unknown_problem_gets_the_words_of_its_family_or_general_ones() -> None:
    texts = Texts("vi")
    assert texts.problem("card.made_of_wood") is texts.catalogue.problems["card.*"]
    assert texts.problem("moon.full") is texts.problem(None) is texts.catalogue.problems["*"]


def test_a_problem_without_a_page_of_its_own_is_told_by_its_title() -> None:
    texts = Texts("en")
    assert texts.notice("code.half") == texts.problem("code.half").title
    assert texts.notice("scanner.upside_down") == texts.notice("scanner.*")


@pytest.mark.parametrize(
    ("room", "floor", "vietnamese", "english"),
    [
        ("Phòng 101", "Tầng 1", "Phòng 101, Tầng 1", "Room 101, Floor 1"),
        ("105", "2", "Phòng 105, Tầng 2", "Room 105, Floor 2"),
        ("P.105A", "", "Phòng 105A", "Room 105A"),
        ("Nhà B", "Tầng trệt", "Nhà B, Tầng trệt", "Nhà B, Tầng trệt"),  # a name of its own stays as it is
        ("", "", "", ""),
    ],
)
def test_a_place_is_named_in_the_language_of_the_page(room: str, floor: str, vietnamese: str, english: str) -> None:
    assert (Texts("vi").place(room, floor), Texts("en").place(room, floor)) == (vietnamese, english)


def test_money_is_written_as_each_language_writes_it() -> None:
    assert (Texts("vi").money(1_250_000), Texts("en").money(1_250_000)) == ("1.250.000 đ", "1,250,000 đ")


def test_the_simulator_names_every_fault_of_the_printer_and_every_code() -> None:
    for language in LANGUAGES:
        assert {f"fault.{name}" for name in ("", *FAULTS)} <= set(SIMULATOR_TEXTS[language])
        assert {f"sample.{name}" for name in _OTHER_CODES} <= set(SIMULATOR_TEXTS[language])


def test_the_technician_is_told_what_each_state_of_the_kiosk_means() -> None:
    codes = (codes_in("kiosk", "kiosk") | subclasses(JournalError)) - {"journal", "kiosk.restarted"}
    assert codes >= {"kiosk.clock_wrong", "journal.disk_full"}
    assert {f"cause.{code}" for code in codes} <= set(TECHNICIAN_TEXTS["vi"])


def test_the_technician_is_told_what_each_state_of_a_device_means() -> None:
    codes = codes_in("drivers", "reader", "scanner", "printer")
    assert codes >= {"reader.card_mute", "scanner.black", "printer.paper_out"}
    assert {f"cause.{code}" for code in codes} <= set(TECHNICIAN_TEXTS["vi"])


def test_durations_are_told_in_their_largest_unit() -> None:
    texts = TechnicianTexts("en")
    assert [texts.duration(timedelta(seconds=s)) for s in (5, 65, 7_300, 200_000)] == ["5 s", "1 min", "2 h", "2 days"]

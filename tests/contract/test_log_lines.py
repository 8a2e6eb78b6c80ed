"""What a log line may hold: values are shown by their form, and everything else only counted."""

import io
import json
import logging
from datetime import UTC, datetime
from uuid import UUID

import pytest

from kiosk.journal.errors import JournalFull
from server.contract.logs import Failure, JsonLines, LastThree, describe_failure, shown
from server.domain.queue import TicketStatus

KEY = UUID("00000000-0000-4000-8000-000000000007")


class Log:
    def __init__(self, name: str) -> None:
        self._text = io.StringIO()
        handler = logging.StreamHandler(self._text)
        handler.setFormatter(JsonLines())
        self.logger = logging.Logger(name)  # noqa: LOG001 - the process-wide ones keep their handlers
        self.logger.addHandler(handler)

    @property
    def line(self) -> dict[str, object]:
        found = json.loads(self._text.getvalue())
        assert isinstance(found, dict)
        return found


@pytest.fixture
def log() -> Log:
    return Log("server.somewhere")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (7, 7),
        (2.5, 2.5),
        (None, None),
        (KEY, str(KEY)),
        (TicketStatus.WAITING, "waiting"),
        ("card.removed", "card.removed"),
        ("reception.arrivals", "reception.arrivals"),
        ("OperationalError", "OperationalError"),
        ("POST", "POST"),
        (datetime(2026, 11, 23, tzinfo=UTC), "2026-11-23T00:00:00+00:00"),
        (LastThree("034190000017"), "…017"),
        (LastThree("GD4340123456789"), "…789"),
        (LastThree("12"), "…"),  # too short to leave anything out
        ("Nguyễn Văn Đức", "<14 characters>"),
        ("Duc", "<3 characters>"),  # a name without marks
        ("nguyen van duc", "<14 characters>"),
        ("001090123456", "<12 characters>"),  # a personal number
        ("id.001090123456", "<15 characters>"),  # hidden in a code
        ("DN4340123456789", "<15 characters>"),
        ("TD1:0123456789ABCDEFGHJK", "<24 characters>"),  # the slip's code opens the visit's page
        ("line one\nline two", "<17 characters>"),
        ({"name": "Trần"}, "<dict>"),
        (b"\x00\xa4", "<bytes>"),
        (ValueError("Trần Thị Hoà"), "builtins.ValueError"),
        (JournalFull("no space"), "kiosk.journal.errors.JournalFull: journal.disk_full"),
    ],
)
def test_a_value_is_shown_by_its_form(value: object, written: object) -> None:
    assert shown(value) == written


def test_a_line_says_when_how_grave_where_and_what(log: Log) -> None:
    log.logger.error("visit %s is a dead letter: %s", KEY, "visit_code.taken")
    line = log.line
    assert line["event"] == f"visit {KEY} is a dead letter: visit_code.taken"
    assert (line["level"], line["logger"]) == ("error", "server.somewhere")
    assert datetime.fromisoformat(str(line["at"])).tzinfo is not None


def test_only_fields_of_the_list_are_added(log: Log) -> None:
    log.logger.warning("slow", extra={"endpoint": "reception.rows", "duration_ms": 612, "full_name": "Trần Thị Hoà"})
    line = log.line
    assert (line["endpoint"], line["duration_ms"]) == ("reception.rows", 612)
    assert "full_name" not in line
    assert "Trần" not in json.dumps(line, ensure_ascii=False)


def test_a_failure_is_told_by_places_and_kinds(log: Log) -> None:
    try:
        int("Trần Thị Hoà")
    except ValueError:
        log.logger.exception("visit %s not registered", KEY)
    line = log.line
    failure = line["failure"]
    assert isinstance(failure, list)
    assert "test_log_lines.py" in failure[0]
    assert failure[-1] == "builtins.ValueError"
    assert "Trần" not in json.dumps(line, ensure_ascii=False)


def test_a_failure_as_an_argument_keeps_its_message_from_foreign_handlers(log: Log) -> None:
    failure = Failure(ValueError("Trần Thị Hoà"))
    assert str(failure) == "builtins.ValueError"
    log.logger.error("incident %s\n%s", "ab12cd34", failure)
    assert (log.line["event"], log.line["failure"]) == ("incident ab12cd34", ["builtins.ValueError"])


def test_a_cause_comes_before_what_it_caused() -> None:
    error = RuntimeError("outer")
    error.__cause__ = ValueError("inner")
    assert describe_failure(error) == ["builtins.ValueError", "builtins.RuntimeError"]


@pytest.mark.parametrize(
    ("logger", "sentence", "event"),
    [
        ("server.live", "the feed cannot be read", "the feed cannot be read"),
        ("urllib3.connectionpool", "Retry of /t/0123456789ABCDEFGHJK", "<32 characters>"),  # no constant, perhaps
        ("server.live", "patient 001090123456", "<20 characters>"),  # ours, and somebody put a number into it
    ],
)
def test_a_sentence_without_values_is_trusted_only_where_it_is_a_constant(
    logger: str, sentence: str, event: str
) -> None:
    log = Log(logger)
    log.logger.warning(sentence)
    assert log.line["event"] == event


def test_a_record_with_named_values_shows_none_of_them(log: Log) -> None:
    log.logger.warning("registered %(name)s", {"name": "Trần Thị Hoà"})
    assert "Trần" not in str(log.line["event"])

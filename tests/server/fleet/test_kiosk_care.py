"""Which kiosk needs somebody: the rule's table, row by row."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.kiosk_care import Care, DeviceWord, Finding, KioskWord, care_for
from tests.server.hospital import MORNING

CALM = KioskWord(heard_at=MORNING, step="welcome", since=MORNING - timedelta(hours=1), version="1.0")


def ago(seconds: float) -> dict[str, object]:
    return {"since": MORNING - timedelta(seconds=seconds)}


def findings(**changes: object) -> list[Finding]:
    word = replace(CALM, **changes)  # type: ignore[arg-type]  # a table's row names fields of any type
    return [care.finding for care in care_for(word, now=MORNING, server_version="1.0")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),  # nobody stands there
        ({"step": "choosing", **ago(59)}, []),  # thinking
        ({"step": "choosing", **ago(60)}, [Finding.STUCK]),  # asked for more time
        ({"step": "problem", "failures": 1, **ago(19)}, []),  # reads what to do
        ({"step": "problem", "failures": 1, **ago(20)}, [Finding.STUCK_AFTER_FAILURE]),
        ({"step": "confirming", "failures": 1, **ago(20)}, [Finding.STUCK_AFTER_FAILURE]),  # tried again, hesitates
        ({"step": "reading", "failures": 2, **ago(0)}, [Finding.FAILED_REPEATEDLY]),  # however quick
        ({"step": "ticket", "failures": 2, **ago(90)}, []),  # has the number
        ({"step": "staff-called", "failures": 2, **ago(90)}, []),  # help is called: the call itself rings
        ({"step": "welcome", "failures": 2, **ago(5)}, []),  # gone
        ({"step": "confirming", "is_desk": True, **ago(300)}, []),  # a receptionist sits there
        ({"heard_at": MORNING - timedelta(seconds=29)}, []),
        ({"heard_at": MORNING - timedelta(seconds=30)}, [Finding.SILENT]),
        (
            {"heard_at": MORNING - timedelta(minutes=9), "out_of_service": "kiosk.disk_full"},
            [Finding.SILENT],
        ),  # old news
        ({"out_of_service": "kiosk.clock_wrong"}, [Finding.OUT_OF_SERVICE]),
        ({"clock_ahead_s": 59.0}, []),
        ({"clock_ahead_s": -60.0}, [Finding.CLOCK_WRONG]),  # behind is as wrong as ahead
        ({"waiting_visits": 19}, []),
        ({"waiting_visits": 20}, [Finding.BACKLOG]),
        ({"version": "0.9"}, [Finding.OTHER_VERSION]),
        ({"warnings": ("kiosk.disk_low",)}, [Finding.WARNING]),
        ({"devices": (DeviceWord("printer", "ready", "ok"),)}, []),
        ({"devices": (DeviceWord("printer", "attention", "printer.paper_low"),)}, [Finding.DEVICE_ATTENTION]),
        (
            {"uncertain_papers": 1, "dead_letters": 1, "devices": (DeviceWord("scanner", "unavailable", "gone"),)},
            [Finding.DEVICE_DOWN, Finding.PAPER_UNCERTAIN, Finding.DEAD_LETTERS],  # the most urgent first
        ),
    ],
)
def test_what_a_kiosk_said_becomes_reasons_to_go_there(changes: dict[str, object], expected: list[Finding]) -> None:
    assert findings(**changes) == expected


def test_a_device_is_named_with_its_cause() -> None:
    word = replace(CALM, devices=(DeviceWord("printer", "unavailable", "printer.paper_out"),))
    (care,) = care_for(word, now=MORNING, server_version="1.0")
    assert care == Care(Finding.DEVICE_DOWN, "printer.paper_out", "printer")
    assert care.is_urgent

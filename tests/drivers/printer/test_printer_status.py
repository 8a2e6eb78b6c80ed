"""Status bytes as printers send them (Epson ESC/POS command reference: DLE EOT, GS r, GS a, GS ( H)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.printer.status import (
    Answer,
    AutomaticStatus,
    Condition,
    PaperAnswer,
    ProcessIdAnswer,
    Query,
    RealTimeAnswer,
    condition_of,
    condition_told,
    gs_h_process_id,
    take_answers,
)

SOUND = {Query.PRINTER: 0x12, Query.OFFLINE_CAUSE: 0x12, Query.ERROR_CAUSE: 0x12, Query.PAPER: 0x12}


@pytest.mark.parametrize(
    ("changed", "trouble", "reason"),
    [
        ({}, None, "nothing is wrong"),
        ({Query.PRINTER: 0x16}, None, "the drawer's pin is high: not ours"),
        ({Query.PRINTER: 0x1A}, "printer.offline", "off line, and no cause given"),
        ({Query.PRINTER: 0x1A, Query.OFFLINE_CAUSE: 0x16}, "printer.cover_open", "cover"),
        ({Query.PRINTER: 0x1A, Query.OFFLINE_CAUSE: 0x32}, "printer.paper_out", "stopped by the paper's end"),
        ({Query.PRINTER: 0x1A, Query.PAPER: 0x72}, "printer.paper_out", "paper sensor: none"),
        ({Query.PRINTER: 0x1A, Query.OFFLINE_CAUSE: 0x52, Query.ERROR_CAUSE: 0x1A}, "printer.cutter", "knife"),
        ({Query.OFFLINE_CAUSE: 0x52, Query.ERROR_CAUSE: 0x32}, "printer.error", "unrecoverable"),
        ({Query.OFFLINE_CAUSE: 0x52, Query.ERROR_CAUSE: 0x52}, "printer.error", "head too hot"),
        ({Query.OFFLINE_CAUSE: 0x36, Query.PAPER: 0x72}, "printer.cover_open", "cover first: the paper is changed"),
    ],
)
def test_the_most_telling_cause_is_named(changed: dict[Query, int], trouble: str | None, reason: str) -> None:
    assert condition_of(SOUND | changed).trouble == trouble, reason


def test_paper_near_its_end_is_no_trouble_yet() -> None:
    condition = condition_of(SOUND | {Query.PAPER: 0x1E})
    assert condition == Condition(paper_near_end=True)
    assert condition.trouble is None


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        ("10000000", None),
        ("10000300", None),
        ("18000f00", "printer.paper_out"),
        ("38000000", "printer.cover_open"),
        ("18080000", "printer.cutter"),
        ("18200000", "printer.error"),
        ("18000000", "printer.offline"),
    ],
)
def test_an_automatic_status_names_the_same_causes(status: str, trouble: str | None) -> None:
    assert condition_told(AutomaticStatus(bytes.fromhex(status))).trouble == trouble


@pytest.mark.parametrize(
    ("received", "answers", "left"),
    [
        ("12", [RealTimeAnswer(0x12)], ""),
        ("1a72", [RealTimeAnswer(0x1A), RealTimeAnswer(0x72)], ""),
        ("00", [PaperAnswer(near_end=False, out=False)], ""),
        ("0f", [PaperAnswer(near_end=True, out=True)], ""),
        ("37223030303100", [ProcessIdAnswer(b"0001")], ""),
        ("372230303031", [], "372230303031"),  # its end is still on the way
        ("1008000012", [AutomaticStatus(bytes.fromhex("10080000")), RealTimeAnswer(0x12)], ""),
        ("100800", [], "100800"),
        ("131112", [RealTimeAnswer(0x12)], ""),  # XOFF, XON
        ("375f4550534f4e0012", [RealTimeAnswer(0x12)], ""),  # an answer to GS I nobody asked for
        ("3712", [], "3712"),
        ("ff12", [RealTimeAnswer(0x12)], ""),  # noise of a line that was plugged in
    ],
)
def test_answers_are_told_apart_by_their_fixed_bits(received: str, answers: list[Answer], left: str) -> None:
    buffer = bytearray.fromhex(received)
    assert take_answers(buffer) == answers
    assert buffer.hex() == left


@given(st.binary(max_size=60))
def test_whatever_a_printer_sends_is_worked_off_but_for_one_unfinished_answer(noise: bytes) -> None:
    buffer = bytearray(noise)
    take_answers(buffer)
    assert len(buffer) < 8


@given(st.lists(st.sampled_from(["12", "1e", "00", "0c", "37223132333400", "18200000"]), max_size=8), st.data())
def test_answers_are_the_same_however_the_line_cuts_them(parts: list[str], data: st.DataObject) -> None:
    stream = bytes.fromhex("".join(parts))
    whole = take_answers(bytearray(stream))
    cut = data.draw(st.integers(0, len(stream)))
    buffer = bytearray(stream[:cut])
    pieces = take_answers(buffer)
    buffer += stream[cut:]
    assert pieces + take_answers(buffer) == whole


@pytest.mark.parametrize("process_id", [b"123", b"12345", b"12\x1b4", b"\x00\x00\x00\x00"])
def test_a_process_id_that_would_carry_commands_is_refused(process_id: bytes) -> None:
    with pytest.raises(ValueError, match="4 printable ASCII"):
        gs_h_process_id(process_id)

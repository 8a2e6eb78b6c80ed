"""The simulated printer against bytes it was not made for: python-escpos as a second source, and rubbish."""

import io
import random

import pytest
from escpos.printer import Dummy
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.simulated.printer_device import FAULTS, ConnectionLost, PrinterDevice
from drivers.simulated.printer_paper import MARGIN_MM


def paper(data: bytes) -> PrinterDevice:
    device = PrinterDevice()
    while data:
        part, data = data[: device.free_bytes], data[device.free_bytes :]
        device.receive(part)
    return device


def test_a_picture_of_python_escpos_comes_out_dot_for_dot() -> None:
    chance = random.Random(5)
    picture = Image.frombytes("1", (576, 300), chance.randbytes(72 * 300))
    printer = Dummy(profile="TM-T20II")
    printer.image(picture)
    printer.cut()
    device = paper(printer.output)
    slip = Image.open(io.BytesIO(device.tickets()[0].png))
    margin = MARGIN_MM * 8
    assert slip.crop((margin, margin, margin + 576, margin + 300)).convert("1") == picture
    # Random dots hold questions to the printer here and there; python-escpos lets them through.
    assert set(device.violations) <= {"a real-time command inside image data"}


def test_text_sizes_and_a_code_of_python_escpos_are_understood() -> None:
    printer = Dummy(profile="TM-T20II")
    printer.hw("INIT")
    printer.set(align="center", bold=True, double_height=True, double_width=True)
    printer.textln("PHONG KHAM 105")
    printer.set(align="left", bold=False, normal_textsize=True)
    printer.textln("Café, 12.000")
    printer.qr("TD1:0123456789ABCDEFGHJK", native=True, ec=1, size=6)
    printer.cut(mode="PART")
    device = paper(printer.output)
    [ticket] = device.tickets()
    assert (ticket.whole, ticket.qr) == (True, "TD1:0123456789ABCDEFGHJK")
    assert device.violations == ()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x1b\x70\x00\x19\xfa", "opens a cash drawer nobody has here"),
        (b"\x1dk\x04ABC\x00", "an old bar code"),
        (b"\x07", "a bell"),
        (b"\x1b*\x21\x01\x00\xff\xff\xff", "a bit image by columns"),
        (b"\x1dv0\x05\x01\x00\x01\x00\xff", "a raster mode that does not exist"),
        (b"\x1bt\x63abc", "a code page nobody knows"),
        (b"\x10\x14\x01\x00\x01", "a pulse in real time"),
        (b"\x1d(k\x03\x001Q0", "a code without data"),
    ],
)
def test_what_no_ticket_holds_is_noted(data: bytes, reason: str) -> None:
    assert paper(data).violations != (), reason


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=400), max_size=4), st.sampled_from([None, *sorted(FAULTS)]))
def test_no_bytes_break_the_printer_itself(parts: list[bytes], fault: str | None) -> None:
    device = PrinterDevice()
    device.set_fault(FAULTS[fault] if fault else None)
    for part in parts:
        device.connected()
        try:
            device.receive(part[: device.free_bytes])
        except ConnectionLost:
            continue
        device.answers()
    device.set_fault(None)
    assert device.free_bytes > 0
    assert device.tickets() is not None


def test_a_power_cut_while_the_rest_of_a_ticket_is_printed_ends_the_connection_at_its_next_use() -> None:
    device = PrinterDevice()
    device.set_fault(FAULTS["cover-open"])
    device.receive(b"\x1b@" + b"Phong 105\n" * 30 + b"\x1dV\x00")
    device.set_fault(FAULTS["power-cycle"])  # the cover is shut, and then somebody pulls the plug
    with pytest.raises(ConnectionLost):
        device.work(0.0)
    device.connected()
    device.receive(b"\n\x1dV\x00")
    assert [ticket.whole for ticket in device.tickets()] == [False]


def test_only_the_last_fifty_tickets_are_kept_newest_first() -> None:
    device = PrinterDevice()
    for number in range(60):
        device.receive(b"\x1b@" + b"x" * (1 + number % 40) + b"\n\x1dV\x00")
    assert device.pieces == 60
    assert len(device.tickets()) == 50
    assert device.tickets()[0].printed_at >= device.tickets()[-1].printed_at

"""The simulator page: each button does to a device what a hand would do."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image

from drivers.config import SimulatedPrinterOptions, SimulatedReaderOptions, SimulatedScannerOptions
from drivers.printer.document import BigNumber, Document, QrCode
from drivers.simulated.document_texts import card_qr_text, mrz_lines
from drivers.simulated.people import get_person
from drivers.simulated.printer import SimulatedPrinter
from drivers.simulated.printer_device import FAULTS
from drivers.simulated.reader import SimulatedCardReader
from drivers.simulated.scanner import SimulatedScanner
from kiosk.app import create_app
from kiosk.assembly import open_kiosk
from kiosk.config import KioskSection, KioskSettings
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.screens.guard import page_token
from tests.kiosk.kit import MemoryServer, TurnableClock

READ_WITHIN_S = 30.0  # the decoder is a process of its own, which has to start


class Desk:
    """The simulator page of a kiosk whose threads stand still, so that a test reads the devices itself."""

    def __init__(self, tmp_path: Path, devices: Devices | None = None) -> None:
        self.reader = SimulatedCardReader(SimulatedReaderOptions())
        self.scanner = SimulatedScanner(SimulatedScannerOptions())
        self.printer = SimulatedPrinter(SimulatedPrinterOptions())
        settings = KioskSettings(kiosk=KioskSection(data_dir=tmp_path, free_space_mb=1))
        devices = devices or Devices(self.reader, self.scanner, self.printer)
        self.kiosk: Kiosk = open_kiosk(settings, devices=devices, server=MemoryServer(TurnableClock()))
        self.client: FlaskClient = create_app(settings, self.kiosk).test_client()

    def press(self, action: str, **fields: str) -> int:
        with self.client.application.app_context():
            token = page_token()
        answer = self.client.post(f"/simulator/{action}", data={"token": token, **fields})
        return answer.status_code

    def page(self, language: str = "en") -> str:
        return self.client.get(f"/simulator?lang={language}").text

    def close(self) -> None:
        self.kiosk.close()
        self.scanner.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def test_a_card_is_put_on_the_reader_and_taken_away(desk: Desk) -> None:
    assert desk.press("card", card="duc") == 303
    assert desk.reader.inserted == "duc"
    page = desk.page()
    assert "On the reader: Nguyễn Văn Đức" in page
    assert "Last 6 digits: 123456" in page
    assert desk.press("card/remove") == 303
    assert desk.reader.inserted is None
    assert "No card lies on the reader." in desk.page()


def test_a_card_that_does_not_exist_is_not_found(desk: Desk) -> None:
    assert desk.press("card", card="napoleon") == 404
    assert desk.press("code", kind="card", of="napoleon") == 404
    assert desk.press("code", kind="card", of="somsak") == 404  # a passport has no QR
    assert desk.press("code", kind="insurance", of="mai") == 404  # she is not insured
    assert desk.press("code", kind="sorcery", of="duc") == 404
    assert desk.press("printer", fault="on-fire") == 404


def test_the_reader_is_unplugged_and_plugged_in(desk: Desk) -> None:
    desk.press("reader/unplug")
    assert desk.reader.status().code == "reader.missing"
    assert "The reader is unplugged." in desk.page()
    desk.press("reader/plug-in")
    assert desk.reader.status().code == "ok"


def test_a_code_is_held_before_the_scanner_and_shown_as_a_picture(desk: Desk) -> None:
    desk.press("code", kind="card", of="duc")
    scan = desk.scanner.read(READ_WITHIN_S)
    assert scan is not None
    assert scan.data.decode() == card_qr_text(get_person("duc"))
    assert "Just shown to the scanner: the card of Nguyễn Văn Đức" in desk.page()
    assert Image.open(io.BytesIO(desk.client.get("/simulator/code.png").data)).width > 100
    desk.press("code/clear")
    assert desk.client.get("/simulator/code.png").status_code == 404


@pytest.mark.parametrize("key", ["somsak", "duc"])
def test_the_printed_lines_of_a_document_are_held_before_the_scanner(desk: Desk, key: str) -> None:
    desk.scanner.look_for_mrz(True)
    assert desk.press("code", kind="page", of=key) == 303
    scan = desk.scanner.read(READ_WITHIN_S)
    assert scan is not None
    assert scan.data.decode().splitlines() == list(mrz_lines(get_person(key)))
    assert f"the printed lines of {get_person(key).full_name}" in desk.page()
    width, height = Image.open(io.BytesIO(desk.client.get("/simulator/code.png").data)).size
    assert width > height
    assert desk.press("code", kind="page", of="napoleon") == 404


@pytest.mark.parametrize("of", ["opaque", "address", "half"])
def test_other_codes_can_be_shown(desk: Desk, of: str) -> None:
    desk.press("code", kind="other", of=of)
    assert desk.scanner.read(READ_WITHIN_S) is not None


def test_text_of_ones_own_can_be_shown(desk: Desk) -> None:
    desk.press("code", kind="typed", text="  Xin chào ")
    scan = desk.scanner.read(READ_WITHIN_S)
    assert scan is not None
    assert scan.data.decode() == "Xin chào"
    assert desk.press("code", kind="typed", text="   ") == 303  # nothing to show


def test_every_fault_of_the_printer_can_be_chosen_and_mended(desk: Desk) -> None:
    for fault in FAULTS:
        desk.press("printer", fault=fault)
        assert desk.printer.fault == fault
        assert f'value="{fault}" selected' in desk.page()
    desk.press("printer", fault="")
    assert desk.printer.fault is None


def test_the_line_to_the_server_is_cut_and_mended(desk: Desk) -> None:
    desk.press("server", cut="yes")
    assert desk.kiosk.server_cut
    assert "The line to the server is cut." in desk.page()
    desk.press("server", cut="no")
    assert not desk.kiosk.server_cut


def test_printed_slips_are_shown_and_can_be_scanned(desk: Desk) -> None:
    desk.printer.print(Document("test", (BigNumber("A001"), QrCode("TD1:0123456789ABCDEFGHJK"))))
    stamp = desk.page().split("/simulator/slips/", 1)[1].split(".png", 1)[0]
    picture = desk.client.get(f"/simulator/slips/{stamp}.png")
    assert Image.open(io.BytesIO(picture.data)).format == "PNG"
    desk.press("code", kind="slip", of=stamp)
    scan = desk.scanner.read(READ_WITHIN_S)
    assert scan is not None
    assert scan.data == b"TD1:0123456789ABCDEFGHJK"
    assert desk.client.get("/simulator/slips/1.png").status_code == 404


def test_the_page_speaks_both_languages(desk: Desk) -> None:
    assert "Kiosk mô phỏng" in desk.page("vi")
    assert "Simulated kiosk" in desk.page("en")
    assert '<html lang="vi">' in desk.page("xx")


def test_real_devices_are_left_to_real_hands(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Devices())
    assert desk.page().count("A real device is in use") == 4
    for action in ("card", "card/remove", "reader/unplug", "printer"):
        assert desk.press(action) == 409
    assert desk.press("code", kind="typed", text="x") == 409
    desk.close()

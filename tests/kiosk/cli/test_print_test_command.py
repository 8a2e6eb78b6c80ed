"""``tiepdon-kiosk print-test`` and ``printer-simulate``, as a technician runs them."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from drivers.printer.usb_transport import UsbPrinterFound
from drivers.simulated.printer_device import PrinterDevice
from drivers.simulated.printer_paper import read_qr
from drivers.simulated.printer_server import PrinterServer
from kiosk.cli import main
from kiosk.paper.self_test_page import QR_TEXT


@pytest.fixture
def server() -> Iterator[PrinterServer]:
    with PrinterServer(PrinterDevice()) as server:
        yield server


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    code = stopped.value.code
    assert isinstance(code, int)
    return code


def test_a_sound_printer_prints_the_page_and_the_proof_is_named(
    server: PrinterServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("print-test", "--printer", f"127.0.0.1:{server.port}", "--profile", "epson-tm-t20") == 0
    assert "GS ( H" in capsys.readouterr().out
    [page] = server.tickets()
    assert (page.whole, page.qr) == (True, QR_TEXT)
    assert server.device.violations == ()


def test_json_tells_printer_status_outcome_and_proof(server: PrinterServer, capsys: pytest.CaptureFixture[str]) -> None:
    name = f"127.0.0.1:{server.port}"
    assert run("print-test", "--json", "--printer", name) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["proved"]
    assert {key: told[key] for key in ("printer", "profile", "status", "outcome", "code")} == {
        "printer": name,
        "profile": "generic",
        "status": "ok",
        "outcome": "printed",
        "code": "ok",
    }


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("paper-out", "Nothing was printed on {name}: it has no paper."),
        ("drop", "It is not known whether the page came out of {name}: it cannot be reached, or the connection broke."),
    ],
)
def test_a_printer_in_trouble_ends_with_3_and_its_reason(
    server: PrinterServer, capsys: pytest.CaptureFixture[str], fault: str, sentence: str
) -> None:
    server.set_fault(fault)
    name = f"127.0.0.1:{server.port}"
    assert run("print-test", "--printer", name) == 3
    assert sentence.format(name=name) in capsys.readouterr().err


def test_a_code_page_is_printed_as_a_page_of_its_own(server: PrinterServer) -> None:
    printer = f"127.0.0.1:{server.port}"
    assert run("print-test", "--printer", printer, "--profile", "epson-tm-t82", "--code-page") == 0
    assert [page.whole for page in server.tickets()] == [True, True]
    assert server.device.violations == ()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--printer", "usb:epson"), "not a number"),
        (("--printer", "host:port"), "not a port"),
        (("--printer", "serial:/dev/ttyS0:9600"), "too slow for drawn text"),
        (("--printer", "cups:-o raw"), "not the name of a queue"),
        (("--printer", "simulated", "--probe"), "nothing to probe"),
        (("--printer", "host:9100", "--profile", "unheard-of"), "no such profile"),
        (("--config", "no-such-file.yaml"), "no such file"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], reason: str) -> None:
    assert run("print-test", *arguments) == 2, reason


def test_the_configured_printer_is_taken_and_its_picture_kept(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("devices:\n  printer:\n    driver: simulated\n    paper_width_mm: 58\n")
    picture = tmp_path / "page.png"
    assert run("print-test", "--config", str(config), "--picture", str(picture)) == 0
    assert read_qr(Image.open(io.BytesIO(picture.read_bytes()))) == QR_TEXT


def test_a_kiosk_without_printer_says_so_and_ends_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("devices:\n  printer: null\n")
    assert run("print-test", "--config", str(config)) == 3
    assert "names no printer" in capsys.readouterr().err


def test_the_simulated_printer_runs_as_a_program_and_takes_faults_from_its_input(tmp_path: Path) -> None:
    program = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from kiosk.cli import main; main()",
            "printer-simulate",
            "--port",
            "0",
            "--speed",
            "0",
            "--output",
            tmp_path,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    try:
        port = program.stdout.readline().split(";")[0].rpartition(":")[2]
        program.stdin.write("paper-out\n")
        assert program.stdout.readline() == "paper-out\n"
        assert run("print-test", "--printer", f"127.0.0.1:{port}") == 3
        program.stdin.write("ok\n")
        assert program.stdout.readline() == "ok\n"
        assert run("print-test", "--printer", f"127.0.0.1:{port}") == 0
        assert program.stdout.readline() == "ticket 1: whole, its code can be read\n"
        assert read_qr(Image.open(tmp_path / "ticket-0001.png")) == QR_TEXT
    finally:
        program.terminate()
        program.wait(30)
        program.stdin.close()
        program.stdout.close()


def test_a_printer_is_asked_what_it_can_prove_and_a_profile_that_counts_on_more_is_told(
    server: PrinterServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.set_fault("offline")
    assert run("print-test", "--printer", f"127.0.0.1:{server.port}", "--probe") == 0
    told = capsys.readouterr().out
    assert "It answers: real-time. The profile generic counts on: status-in-order." in told
    assert "Choose a profile that counts on less" in told


def test_the_printers_of_the_machine_are_listed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "drivers.printer.discovery.find_usb_printers", lambda: (UsbPrinterFound(0x04B8, 0x0E15, "EPSON TM-T20II"),)
    )
    assert run("print-test", "--find") == 0
    assert "usb:04b8:0e15  EPSON TM-T20II\n" in capsys.readouterr().out
    assert run("print-test", "--find", "--json") == 0
    assert {"printer": "usb:04b8:0e15", "title": "EPSON TM-T20II"} in json.loads(capsys.readouterr().out)


def test_a_slow_serial_printer_may_be_tried_with_its_code_page_only(capsys: pytest.CaptureFixture[str]) -> None:
    slow = ("print-test", "--printer", "serial:/dev/no-such-port:9600", "--profile", "epson-tm-t82")
    assert run(*slow) == 2
    assert "--printer: at 9600 baud a drawn ticket takes 18 s and more" in capsys.readouterr().err
    assert run(*slow, "--code-page") == 3
    assert "printer /dev/no-such-port cannot be opened" in capsys.readouterr().err


def test_a_printer_named_on_the_command_line_needs_no_config_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("print-test", "--printer", "simulated") == 0
    assert run("print-test") == 2

"""``tiepdon-kiosk devices``: what is configured, what is found, and exit 3 when something configured is missing."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from drivers.printer.discovery import FoundPrinter
from kiosk.cli import main
from kiosk.detection import detected_devices


def run(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[object, str, str]:
    path = tmp_path / "config.yaml"
    path.write_text(config)
    with pytest.raises(SystemExit) as end:
        main(["devices", "--config", str(path), *options])
    output = capsys.readouterr()
    return end.value.code, output.out, output.err


def test_every_configured_device_is_told_with_driver_state_since_and_detail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output, _ = run("profile: demo", tmp_path, capsys, "--json")
    assert status == 0
    devices: list[dict[str, Any]] = json.loads(output)["devices"]
    configured = [one for one in devices if one["configured"]]
    assert [(one["kind"], one["driver"], one["state"]) for one in configured] == [
        ("card-reader", "simulated", "ready"),
        ("scanner", "simulated", "ready"),
        ("printer", "simulated", "ready"),
    ]
    for one in devices:
        assert set(one) == {"configured", "kind", "name", "driver", "state", "since", "code", "detail"}
        assert datetime.fromisoformat(one["since"]).tzinfo is not None


def test_a_configured_printer_that_is_not_there_is_named_and_ends_with_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = f"devices: {{card_reader: null, scanner: null, printer: {{driver: file, path: {tmp_path}/none/lp0}}}}"
    status, output, error = run(config, tmp_path, capsys)
    assert status == 3
    assert "printer" in output
    assert "printer (printer.unreachable)" in error


def test_usb_printers_and_cups_queues_are_found_by_the_names_print_test_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    found = (FoundPrinter("usb:04b8:0e15", "EPSON TM-T20II"), FoundPrinter("/dev/usb/lp0"), FoundPrinter("cups:desk"))
    monkeypatch.setattr("drivers.printer.discovery.find_printers", lambda: found)
    printers = [one for one in detected_devices(datetime.now(UTC)) if one.driver in {"usb", "cups"}]
    assert [(one.name, one.driver, one.detail) for one in printers] == [
        ("usb:04b8:0e15", "usb", "EPSON TM-T20II"),
        ("cups:desk", "cups", ""),
    ]


def test_cameras_printers_and_serial_ports_of_the_machine_are_found_without_opening_them(tmp_path: Path) -> None:
    camera = tmp_path / "sys/class/video4linux/video0"
    camera.mkdir(parents=True)
    (camera / "name").write_text("HD Webcam: HD Webcam\n")
    (tmp_path / "sys/class/video4linux/video1").mkdir()
    (tmp_path / "sys/class/video4linux/video1/name").write_text("gone\n")  # unplugged while we looked: no node
    (tmp_path / "dev/usb").mkdir(parents=True)
    for node in ("dev/video0", "dev/usb/lp0", "dev/ttyACM0", "dev/ttyS0"):
        (tmp_path / node).touch()
    listed = detected_devices(datetime.now(UTC), tmp_path)
    here = {"pcsc", "usb", "cups"}  # asked of this machine, whatever the root
    found = [one for one in listed if one.driver not in here]
    assert [(one.kind.value, one.name, one.driver) for one in found] == [
        ("scanner", "/dev/video0", "camera"),
        ("printer", "/dev/usb/lp0", "file"),
        ("scanner", "/dev/ttyACM0", "serial"),
    ]
    assert found[0].detail == "HD Webcam: HD Webcam"

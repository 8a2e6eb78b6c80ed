"""``tiepdon-kiosk camera``: what it counts, and how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from drivers.errors import DeviceUnavailable
from drivers.simulated.document_pages import page_picture
from drivers.simulated.people import get_person
from drivers.simulated.scanner import qr_picture
from kiosk.cli.camera import command


def test_a_watched_camera_tells_frames_decodes_delay_and_cpu(tmp_path: Path) -> None:
    for i, text in enumerate(
        ("TD1:0123456789ABCDEFGHJK", "001301000007||Lê Thị Ngọc Ánh|2001|Nữ|Xã Ea Kao|15082024||||")
    ):
        (tmp_path / f"frame{i}.png").write_bytes(qr_picture(text))
    result = CliRunner().invoke(command, ["--json", "--seconds", "1", "--source", str(tmp_path / "frame%d.png")])
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["frames"] > 0
    assert told["cpu_ms_per_frame"] > 0
    assert (told["picture"], told["status"]) == ("ok", "ok")
    assert set(told["kinds"]) <= {"visit", "can-cuoc"}
    assert told["decodes"] == len(told["kinds"]) > 0
    assert "Ánh" not in result.output  # kinds only


def test_a_zone_is_counted_when_it_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(page_picture(get_person("somsak")))
    source = ("--source", str(tmp_path / "page.png"))
    result = CliRunner().invoke(command, ["--json", "--mrz", "--seconds", "1.5", *source])
    assert json.loads(result.stdout)["kinds"] == ["mrz"]


def test_a_person_can_read_it_too(tmp_path: Path) -> None:
    (tmp_path / "visit.png").write_bytes(qr_picture("TD1:0123456789ABCDEFGHJK"))
    result = CliRunner().invoke(command, ["--seconds", "0.3", "--source", str(tmp_path / "visit.png")])
    assert result.exit_code == 0
    assert "frames per s" in result.stdout


def test_a_missing_camera_is_a_missing_device(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--source", str(tmp_path / "none.png")])
    assert isinstance(result.exception, DeviceUnavailable)  # exit status 3 in kiosk.cli


def test_a_kiosk_without_a_camera_asks_for_a_source(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("devices:\n  scanner: null\n", encoding="utf-8")
    result = CliRunner().invoke(command, ["--config", str(tmp_path / "config.yaml")])
    assert result.exit_code == 2
    assert "--source" in result.output


@pytest.mark.parametrize("seconds", ["0", "-1", "soon"])
def test_a_senseless_time_is_wrong_usage(seconds: str) -> None:
    assert CliRunner().invoke(command, ["--seconds", seconds, "--source", "x"]).exit_code == 2

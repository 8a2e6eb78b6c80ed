"""The kiosk's part of config.yaml: the file in the repository, and every mistake at once."""

from pathlib import Path

import pytest

from kiosk.config import KioskSettings, read_kiosk_settings
from server.contract.settings import Profile, SettingsError

ROOT = Path(__file__).resolve().parents[2]


def read(tmp_path: Path, content: str) -> KioskSettings:
    path = tmp_path / "config.yaml"
    path.write_text(content)
    return read_kiosk_settings(path)


def test_the_repositorys_config_yaml_is_the_demo() -> None:
    settings = read_kiosk_settings(ROOT / "config.yaml")
    assert settings.is_demo
    assert settings.devices.simulated() == ("devices.card_reader", "devices.scanner", "devices.printer")


def test_every_key_has_a_default(tmp_path: Path) -> None:
    assert read(tmp_path, "profile: demo") == KioskSettings()


def test_the_servers_section_is_the_servers_business(tmp_path: Path) -> None:
    assert read(tmp_path, "server: {whatever: 1}").kiosk == KioskSettings().kiosk


# (content, paths of the mistakes)
MISTAKES = [
    ("kiosk: {bind: 8080}", ["kiosk.bind"]),
    ("kiosk: {bind: localhost}", ["kiosk.bind"]),
    ("kiosk: {bind: '127.0.0.1:80800'}", ["kiosk.bind"]),
    ("devices: {scanner: {driver: camera, sourc: /dev/video0}}", ["devices.scanner.sourc"]),
    ("kiosk: {langauge: vi, keep_days: 0}", ["kiosk.keep_days", "kiosk.langauge"]),
    ("kiosk: {server_url: nowhere}", ["kiosk.server_url"]),
    ("kiosk: {limits: {ticket_s: -1}}", ["kiosk.limits.ticket_s"]),
    ("kisok: {}", ["kisok"]),
    ("profile: test", ["profile"]),
]


@pytest.mark.parametrize(("content", "paths"), MISTAKES)
def test_every_mistake_is_named_with_its_path(tmp_path: Path, content: str, paths: list[str]) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, content)
    assert sorted(mistake.split(":")[0] for mistake in error.value.mistakes) == paths


def test_production_refuses_each_simulated_device_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        read(tmp_path, "profile: production\ndevices: {scanner: {driver: camera}}")
    assert error.value.mistakes == (
        "devices.card_reader.driver: the production profile refuses a simulated device (line 2)",
        "devices.printer.driver: the production profile refuses a simulated device (line 2)",
    )


def test_production_sends_no_patients_data_in_the_clear(tmp_path: Path) -> None:
    devices = "devices: {card_reader: null, scanner: null, printer: null}"
    with pytest.raises(SettingsError) as error:
        read(tmp_path, f"profile: production\n{devices}\nkiosk: {{server_url: 'http://10.0.0.5:8000'}}")
    assert [mistake.split(":")[0] for mistake in error.value.mistakes] == ["kiosk.server_url"]
    read(tmp_path, f"profile: production\n{devices}\nkiosk: {{server_url: 'https://10.0.0.5'}}")


def test_production_takes_real_devices_and_missing_ones(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        "profile: production\ndevices: {card_reader: {driver: pcsc}, scanner: null,"
        " printer: {driver: network, host: 192.0.2.7}}",
    )
    assert settings.profile is Profile.PRODUCTION
    assert settings.devices.scanner is None

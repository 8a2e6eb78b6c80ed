"""The server's part of config.yaml."""

from pathlib import Path

import pytest

from server.config import ServerSettings, load_settings
from server.contract.settings import Profile, SettingsError

ROOT = Path(__file__).parents[2]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_shipped_file_is_accepted_equals_the_defaults_and_speaks_with_simulated_systems() -> None:
    settings = load_settings(ROOT / "config.yaml", {})
    assert settings.server.model_copy(update={"insurance": None, "his": None}) == ServerSettings().server
    assert settings.server.insurance is not None
    assert settings.server.insurance.driver == "simulated"
    assert settings.server.his is not None
    assert settings.server.his.driver == "simulated"
    assert settings.profile is Profile.DEMO


def test_environment_goes_before_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "c.yaml", "server: {database_url: 'sqlite:///a.db', threads: 8}")
    settings = load_settings(path, {"TIEPDON_DATABASE_URL": "postgresql+psycopg://tiepdon@/tiepdon"})
    assert settings.server.database_url == "postgresql+psycopg://tiepdon@/tiepdon"
    assert settings.server.threads == 8


def test_wrong_address_in_the_environment_is_named_with_its_variable(tmp_path: Path) -> None:
    path = write(tmp_path / "c.yaml", "profile: demo")
    with pytest.raises(SettingsError) as raised:
        load_settings(path, {"TIEPDON_DATABASE_URL": "mysql://secret@/x"})
    assert "TIEPDON_DATABASE_URL" in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("server: {bnid: 127.0.0.1:1}", "server.bnid"),  # misspelt key
        ("server: {bind: 8000}", "server.bind"),  # a port alone would bind every address
        ("server: {bind: '127.0.0.1:99999'}", "server.bind"),  # no such port
        ("server: {workers: 0}", "server.workers"),
        ("server: {database_url: 'mysql://x'}", "server.database_url"),
        ("sever: {}", "sever"),  # misspelt section
    ],
)
def test_mistake_is_reported_with_its_path(tmp_path: Path, text: str, path: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings(write(tmp_path / "c.yaml", text), {})
    assert [mistake.partition(":")[0] for mistake in raised.value.mistakes] == [path]

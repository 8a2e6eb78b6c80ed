"""The server's part of config.yaml."""

from pathlib import Path

import pytest

from server.accounts.relying_party import RelyingParty
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


def test_keys_are_made_for_the_staffs_address_and_without_one_for_the_patients(tmp_path: Path) -> None:
    public = "public_url: 'https://kham.benhvien.vn/so'"
    only_public = load_settings(write(tmp_path / "a.yaml", f"server: {{{public}}}"), {}).server.relying_party
    both = f"server: {{{public}, staff_url: 'https://tiepdon.benhvien.vn'}}"
    assert only_public == RelyingParty("kham.benhvien.vn", "https://kham.benhvien.vn")
    assert load_settings(write(tmp_path / "b.yaml", both), {}).server.relying_party == RelyingParty(
        "tiepdon.benhvien.vn", "https://tiepdon.benhvien.vn"
    )
    assert ServerSettings().server.relying_party is None


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
        ("server: {staff_url: 'https://192.168.1.10'}", "server.staff_url"),  # keys are made for names
        ("server: {staff_url: 'http://tiepdon.benhvien.vn'}", "server.staff_url"),  # browsers offer none there
        ("sever: {}", "sever"),  # misspelt section
    ],
)
def test_mistake_is_reported_with_its_path(tmp_path: Path, text: str, path: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings(write(tmp_path / "c.yaml", text), {})
    assert [mistake.partition(":")[0] for mistake in raised.value.mistakes] == [path]

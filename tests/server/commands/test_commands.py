"""``tiepdon-server``, as an operator types it."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.cli import main
from server.commands.options import require_newest_schema
from server.config import load_settings
from server.db import Database
from server.errors import Forbidden, Unauthenticated
from server.facilities.models import Facility, Service
from server.fleet.service import authenticate
from tests.server.hospital import MORNING, build_hospital

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def config(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(f"server: {{data_dir: '{tmp_path / 'server'}', threads: 4}}", encoding="utf-8")
    monkeypatch.setenv("TIEPDON_DATABASE_URL", database_url)
    return path


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command; return exit status, standard output and standard error."""

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as raised:
            main([*words, "--config", str(config)])
        out, err = capsys.readouterr()
        return int(raised.value.code or 0), out, err

    return run


@pytest.fixture
def hospital(run: Run, config: Path) -> None:
    """A migrated database with facility 34999; without staff, whose passwords take their time to be hashed."""
    run("migrate")
    database = Database(load_settings(config).server.database_url)
    build_hospital(database)
    database.close()


def count(config: Path, model: type) -> int:
    database = Database(load_settings(config).server.database_url)
    with database.reading() as session:
        found = session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
    database.close()
    return found


def test_commands_before_the_first_migration_say_what_to_do(run: Run) -> None:
    for words in (("demo",), ("run",), ("kiosk", "list"), ("user", "list"), ("audit", "verify")):
        status, _, err = run(*words)
        assert status == 1
        assert "tiepdon-server migrate" in err


def test_a_service_names_its_settings_in_the_environment(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEPDON_CONFIG", str(config))
    with pytest.raises(SystemExit) as raised:
        main(["migrate"])
    assert raised.value.code == 0
    database = Database(load_settings(config).server.database_url)
    require_newest_schema(database)
    database.close()


def test_demo_gives_a_hospital_and_staff_and_changes_nothing_when_repeated(
    run: Run, config: Path, tmp_path: Path
) -> None:
    assert run("migrate")[0] == 0
    assert run("demo")[0] == 0
    accounts = tmp_path / "server" / "demo-accounts.txt"
    first = accounts.read_text(encoding="utf-8")
    assert len(first.splitlines()) == 7
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    assert run("demo")[0] == 0
    assert accounts.read_text(encoding="utf-8") == first
    assert (count(config, Facility), count(config, Service)) == (1, 8)
    assert len(run("user", "list")[1].splitlines()) == 7


def test_demo_in_production_is_refused(run: Run, config: Path) -> None:
    run("migrate")
    config.write_text("profile: production\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
    status, _, err = run("demo")
    assert status == 1
    assert "production" in err
    assert count(config, Facility) == 0


def test_production_does_not_start_on_demo_data(run: Run, config: Path, hospital: None) -> None:
    database = Database(load_settings(config).server.database_url)
    with database.begin() as session:
        session.execute(sa.update(Facility).values(is_demo=True))
    database.close()
    config.write_text("profile: production\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
    status, _, err = run("run")
    assert status == 1
    assert "invented hospital" in err


def enrol(run: Run, *more: str) -> tuple[int, str, str]:
    return run("kiosk", "enrol", "--facility", "34999", "--name", "Kiosk 1", "--letter", "K", *more)


def test_enrolled_kiosk_speaks_until_it_is_revoked(run: Run, config: Path, tmp_path: Path, hospital: None) -> None:
    token_file = tmp_path / "kiosk" / "device.token"
    assert enrol(run, "--token-file", str(token_file))[0] == 0
    assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
    token = token_file.read_text(encoding="ascii").strip()
    database = Database(load_settings(config).server.database_url)
    assert authenticate(database, token, now=MORNING).letter == "K"
    assert "active" in run("kiosk", "list")[1]
    assert run("kiosk", "revoke", "--facility", "34999", "--name", "Kiosk 1")[0] == 0
    with pytest.raises(Forbidden):
        authenticate(database, token, now=MORNING)
    database.close()


def test_second_enrolment_needs_rotate_and_ends_the_old_token(run: Run, config: Path, hospital: None) -> None:
    old = enrol(run)[1].strip()
    status, out, err = enrol(run)
    assert (status, out) == (1, "")
    assert "--rotate" in err
    new = enrol(run, "--rotate")[1].strip()
    database = Database(load_settings(config).server.database_url)
    assert authenticate(database, new, now=MORNING).name == "Kiosk 1"
    with pytest.raises(Unauthenticated):
        authenticate(database, old, now=MORNING)
    database.close()


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("--facility", "99999", "--name", "X", "--letter", "X"), 1, "no facility 99999"),
        (("--facility", "34999", "--name", "X", "--letter", "K"), 1, "numbers of 'Kiosk 1'"),  # letters never meet
        (("--facility", "34999", "--name", "X", "--letter", "ab"), 2, "one letter from A to Z"),
        (("--facility", "34999", "--name", "Kiosk 1", "--letter", "M", "--rotate"), 1, "has the letter K"),
    ],
)
def test_enrolment_that_cannot_be_is_refused(
    run: Run, hospital: None, words: tuple[str, ...], status: int, sentence: str
) -> None:
    enrol(run)
    found, _, err = run("kiosk", "enrol", *words)
    assert found == status
    assert sentence in err


def test_audit_verify_remembers_the_end_it_saw(run: Run, config: Path, hospital: None) -> None:
    enrol(run)
    enrol(run, "--rotate")
    status, out, _ = run("audit", "verify")
    assert status == 0
    assert "unbroken" in out
    database = Database(load_settings(config).server.database_url)
    with database.begin() as session:  # the newest line goes, and the head is put back
        last = session.execute(sa.text("SELECT max(sequence) FROM audit_line")).scalar_one()
        session.execute(sa.text(f"DELETE FROM audit_line WHERE sequence = {last}"))
        before = f"(SELECT hash FROM audit_line WHERE sequence = {last - 1})"
        session.execute(sa.text(f"UPDATE audit_head SET sequence = {last - 1}, hash = {before}"))
    database.close()
    status, _, err = run("audit", "verify")
    assert status == 1
    assert f"line {last}: was witnessed, and is gone" in err


def test_a_database_out_of_reach_is_named_with_its_drivers_reason(
    run: Run, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEPDON_DATABASE_URL", "postgresql+psycopg://nobody:secret@127.0.0.1:1/tiepdon")
    status, _, err = run("migrate")
    assert status == 1
    assert err.startswith("database.unreachable: ")
    assert "127.0.0.1" in err
    assert "secret" not in err


def test_a_place_where_nothing_can_be_written_is_one_sentence(
    run: Run, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TIEPDON_DATABASE_URL", f"sqlite:///{tmp_path / 'file' / 'tiepdon.db'}")
    status, out, err = run("migrate")
    assert (status, out) == (1, "")
    assert err.startswith(f"file.unusable: {tmp_path / 'file'}: ")


@pytest.mark.parametrize(
    ("content", "mode", "code"), [(bytes(32), 0o644, "key.open"), (bytes(31), 0o600, "key.damaged")]
)
def test_a_key_that_others_may_read_or_that_is_none_is_refused(
    run: Run, config: Path, tmp_path: Path, content: bytes, mode: int, code: str
) -> None:
    key = tmp_path / "server" / "audit.key"
    key.parent.mkdir(mode=0o700, exist_ok=True)
    key.write_bytes(content)
    key.chmod(mode)
    status, _, err = run("migrate")
    assert status == 1
    assert err.startswith(f"{code}: {key} ")


def test_missing_configuration_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["kiosk", "list", "--config", str(tmp_path / "none.yaml")])
    assert raised.value.code == 2
    assert "none.yaml" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [(), ("run",), ("migrate",), ("demo",), ("user",), ("user", "add"), ("kiosk", "enrol"), ("kiosk", "revoke"),
     ("kiosk", "list"), ("audit",), ("audit", "verify"), ("backup",), ("restore",), ("simulate-his",)],
)  # fmt: skip
def test_every_command_explains_itself(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main([*words, "--help"])
    assert raised.value.code == 0
    assert "Usage: tiepdon-server" in capsys.readouterr().out


@pytest.mark.parametrize("group", [(), ("user",), ("kiosk",), ("facility",), ("speech",), ("audit",)])
def test_no_list_of_commands_cuts_a_sentence_off(group: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*group, "--help"])
    listed = capsys.readouterr().out.partition("Commands:")[2]
    assert listed
    assert "..." not in listed


def test_a_facility_is_tried_then_stored_then_has_nothing_to_change(run: Run, config: Path, tmp_path: Path) -> None:
    run("migrate")
    example = str(Path(__file__).parents[3] / "docs" / "facility-example.yaml")
    status, out, _ = run("facility", "import", example, "--dry-run")
    assert (status, "Nothing was changed" in out, "service NHI: added" in out) == (0, True, True)
    assert count(config, Facility) == 0
    assert run("facility", "import", example)[1].startswith("facility 34998: added")
    assert run("facility", "import", example)[:2] == (0, "Nothing to change.\n")
    roster = tmp_path / "roster.csv"
    roster.write_text("day,session,room,doctor\n2026-11-23,morning,Phòng 101,BS09\n", encoding="utf-8")
    status, out, err = run("facility", "roster", str(roster), "--facility", "34998")
    assert (status, out) == (1, "")
    assert err == "import.invalid: line 2: the facility has no doctor with the code 'BS09'\n"

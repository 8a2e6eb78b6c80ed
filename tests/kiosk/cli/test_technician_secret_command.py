"""``tiepdon-kiosk technician-secret``, as a technician types it."""

import stat
from pathlib import Path

import click
import pytest

from kiosk.cli import main


def run(config: Path, data_dir: Path) -> int:
    config.write_text(f"kiosk: {{data_dir: '{data_dir}'}}", encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["technician-secret", "--config", str(config)])
    return int(end.value.code or 0)


@pytest.fixture(autouse=True)
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at a terminal: what is typed there is not echoed, and a test has none."""
    monkeypatch.setattr(click, "prompt", lambda *_, **__: "a secret of some length")


def test_the_hash_is_kept_where_only_the_kiosks_account_can_read_it(tmp_path: Path) -> None:
    assert run(tmp_path / "config.yaml", tmp_path / "kiosk") == 0
    assert stat.S_IMODE((tmp_path / "kiosk").stat().st_mode) == 0o700
    [file] = (tmp_path / "kiosk").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text(encoding="ascii").startswith("$argon2id$")


def test_a_place_where_nothing_can_be_written_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert run(tmp_path / "config.yaml", tmp_path / "file" / "kiosk") == 1
    message = capsys.readouterr().err
    assert message.startswith(f"file.unusable: {tmp_path / 'file' / 'kiosk'}: Not a directory; ")
    assert message.count("\n") == 1

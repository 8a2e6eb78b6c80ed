"""Backups encrypted to a public key: the right key opens them, and nothing else does; age reads them, we read age's."""

import base64
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.backup import bech32
from server.backup.copying import is_empty
from server.backup.manifest import Manifest
from server.backup.sealing import Identity, Recipient, read_identity, read_recipients, seal, unseal, write_identity
from server.backup.service import make_backup, restore
from server.cli import main
from server.config import ServerSection, ServerSettings
from server.db import Database
from server.errors import Refused
from server.migrations import migrate
from server.registration.models import Encounter
from server.wiring import open_database
from tests.server.hospital import MORNING, add_kiosk, arrival, build_hospital, register

# Made with age 1.1.1 (Debian): age-keygen, then age --recipient.
KEY = "AGE-SECRET-KEY-1GK8AWW9HXZ24743JG4YZGVP8X7RFXG30VH7LKAHRULDFGUSXJHHSF3SEFS"
PUBLIC_KEY = "age1e3zq3csve8n8s59pdm0tx8uehpkrhlg6542lljjqvm5u50y2496qwqg2nr"
SEALED = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBnQnhQYVlwUjkxREZESVpkWXN4RUZwMWxmOFN5LzBjSHdCOGlhL3ZNNjJNCjVy"
    "K0E4Zmx1bXd2YlEvWVFZdDJ2T2lMb2pETDZ1bS81SG1sL1hRbk1EcWMKLS0tIFpQQnI1SThBR2JLVkNTUE84TmxPUDV5bHBDdnMrdFRi"
    "c3p4QS9uTU5pZkkKjGKpMfUrf2+mNdUQajsmOzAYAPgCaxLJuIxK2G0PBXNCHSnOgx9eKpTOZ04jqniygwdd//Od0S9NSfBVPEX5g5Y="
)
WORDS = "Sổ đăng ký ngày 23/11/2026\n"


def opened(sealed: bytes, identity: Identity, room: Path) -> bytes:
    (room / "in").write_bytes(sealed)
    (room / "out").unlink(missing_ok=True)
    unseal(room / "in", room / "out", identity)
    return (room / "out").read_bytes()


def sealed(content: bytes, room: Path, *recipients: Recipient) -> bytes:
    (room / "plain").write_bytes(content)
    (room / "sealed").unlink(missing_ok=True)
    seal(room / "plain", room / "sealed", recipients)
    return (room / "sealed").read_bytes()


def test_a_file_that_age_encrypted_is_opened(tmp_path: Path) -> None:
    identity = Identity.parse(KEY)
    assert str(identity.recipient) == PUBLIC_KEY
    assert opened(SEALED, identity, tmp_path).decode() == WORDS


@pytest.mark.parametrize(
    "size",
    [
        0,
        1,
        65_536,  # one whole chunk: no empty one follows
        65_537,
        200_000,
    ],
)
def test_what_is_sealed_to_several_keys_each_of_them_opens(tmp_path: Path, size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    first, second = Identity.make(), Identity.make()
    file = sealed(content, tmp_path, first.recipient, second.recipient)
    assert opened(file, first, tmp_path) == opened(file, second, tmp_path) == content
    with pytest.raises(Refused) as caught:
        opened(file, Identity.make(), tmp_path)
    assert caught.value.code == "backup.wrong_key"


def test_every_changed_byte_and_every_cut_is_found(tmp_path: Path) -> None:
    identity = Identity.parse(KEY)
    for place in range(0, len(SEALED), 3):
        changed = SEALED[:place] + bytes([SEALED[place] ^ 1]) + SEALED[place + 1 :]
        with pytest.raises(Refused):
            opened(changed, identity, tmp_path)
    for length in range(0, len(SEALED), 7):
        with pytest.raises(Refused):
            opened(SEALED[:length], identity, tmp_path)


def test_a_file_cut_between_two_chunks_is_found(tmp_path: Path) -> None:
    identity = Identity.make()
    file = sealed(bytes(3 * 65_536), tmp_path, identity.recipient)
    with pytest.raises(Refused) as caught:
        opened(file[: -(65_536 + 16)], identity, tmp_path)
    assert caught.value.code == "backup.damaged"


@pytest.mark.parametrize(
    "text",
    [
        PUBLIC_KEY[:-1] + "q",  # a letter mistyped
        PUBLIC_KEY[:10] + PUBLIC_KEY[10].upper() + PUBLIC_KEY[11:],  # mixed letters
        KEY,  # the secret key where the public one belongs
        "age1",
        bech32.encode("age", bytes(31)),  # too short
    ],
)
def test_a_mistyped_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each sentence is another
        Recipient.parse(text)


def test_a_key_file_is_made_once_for_its_owner_and_read_as_age_reads_it(tmp_path: Path) -> None:
    identity = write_identity(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert read_identity(tmp_path / "key") == identity
    with pytest.raises(Refused, match="never overwritten"):
        write_identity(tmp_path / "key")
    (tmp_path / "to").write_text(f"# the safe\n{identity.recipient}\n\n{PUBLIC_KEY}\n", encoding="ascii")
    assert read_recipients(tmp_path / "to") == [identity.recipient, Recipient.parse(PUBLIC_KEY)]
    with pytest.raises(Refused, match="holds a line that is no public key"):
        read_recipients(tmp_path / "key")
    assert identity.text() not in repr(identity)


def settings_at(data_dir: Path, url: str) -> ServerSettings:
    return ServerSettings(server=ServerSection(data_dir=data_dir, database_url=url, threads=4))


def visits(settings: ServerSettings) -> int:
    database = open_database(settings)
    with database.reading() as session:
        count = session.scalar(sa.select(sa.func.count()).select_from(Encounter)) or 0
    database.close()
    return count


def fill(database: Database) -> None:
    migrate(database)
    build_hospital(database)
    register(database, arrival("034190000017"), add_kiosk(database, "K")[0])


def test_an_encrypted_backup_goes_the_whole_way_and_only_with_its_key(
    make_database_url: Callable[[], str], tmp_path: Path
) -> None:
    here, identity = settings_at(tmp_path / "server", make_database_url()), Identity.make()
    database = open_database(here)
    fill(database)
    made = make_backup(here, database, tmp_path / "backups", now=MORNING, recipients=[identity.recipient])
    database.close()
    files = {file.name: file.read_bytes() for file in made.directory.iterdir()}
    assert set(files) == {made.manifest.file, "manifest.json", "KEYS.txt"}
    assert made.manifest.file.endswith(".age")
    assert not any("Thử Nghiệm".encode() in content for content in files.values())
    assert Manifest.read(made.directory).encrypted_to == (str(identity.recipient),)
    there = settings_at(tmp_path / "server", make_database_url())
    for key, code in ((None, "backup.encrypted"), (Identity.make(), "backup.wrong_key")):
        with pytest.raises(Refused) as caught:
            restore(there, made.directory, now=MORNING, identity=key)
        assert caught.value.code == code
        assert is_empty(sa.make_url(there.server.database_url))
    restore(there, made.directory, now=MORNING, identity=identity)
    assert visits(there) == 1
    assert not list((tmp_path / "server").glob(".restoring-*")), "the plain copy is gone"


def test_the_commands_make_a_key_encrypt_to_it_and_say_which_key_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.yaml"

    def run(name: str, *words: object) -> tuple[int, str, str]:
        url = f"sqlite:///{tmp_path / name}.db"
        config.write_text(f"server: {{data_dir: '{tmp_path / 'data'}', database_url: '{url}'}}", encoding="utf-8")
        option = [] if words[0] == "backup-key" else ["--config", str(config)]
        with pytest.raises(SystemExit) as raised:
            main([*(str(word) for word in words), *option])
        out, err = capsys.readouterr()
        return int(raised.value.code or 0), out, err

    keys = {name: run("old", "backup-key", tmp_path / name)[1].strip() for name in ("right", "wrong")}
    (tmp_path / "to").write_text(keys["right"], encoding="ascii")
    database = open_database(settings_at(tmp_path / "data", f"sqlite:///{tmp_path / 'old.db'}"))
    fill(database)
    database.close()
    assert run("old", "backup", tmp_path / "backups", "--encrypt-to", tmp_path / "to")[0] == 0
    (directory,) = (tmp_path / "backups").iterdir()
    status, _, err = run("new", "restore", directory)
    assert (status, "--key" in err) == (1, True)
    status, _, err = run("new", "restore", directory, "--key", tmp_path / "wrong")
    assert (status, keys["wrong"] in err) == (1, True)
    assert run("new", "restore", directory, "--key", tmp_path / "right")[0] == 0

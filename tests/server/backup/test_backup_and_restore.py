"""A copy taken while people register, and the way back: everything is there and proved, or nothing is."""

import json
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.audit import AuditLine
from server.audit_faults import Fault, FaultKind
from server.backup.copying import is_empty
from server.backup.manifest import KEYS_NOTE, MANIFEST, Manifest
from server.backup.service import Made, make_backup, prune, restore
from server.cli import main
from server.config import ServerSection, ServerSettings
from server.db import Database
from server.errors import Refused
from server.fleet.service import Device
from server.migrations import migrate
from server.queues.models import Ticket
from server.registration.models import Encounter
from server.wiring import open_database
from tests.server.hospital import MORNING, add_kiosk, arrival, build_hospital, register


@dataclass
class Site:
    """An installation: its settings, its open database, a kiosk."""

    settings: ServerSettings
    database: Database
    kiosk: Device

    def elsewhere(self, url: str, data_dir: Path) -> ServerSettings:
        """Return the settings of another machine with the same keys."""
        data_dir.mkdir(mode=0o700)
        for key in self.settings.server.data_dir.glob("*.key"):
            shutil.copy2(key, data_dir)
        return ServerSettings(server=ServerSection(data_dir=data_dir, database_url=url, threads=4))


@pytest.fixture
def site(make_database_url: Callable[[], str], tmp_path: Path) -> Iterator[Site]:
    section = ServerSection(data_dir=tmp_path / "site", database_url=make_database_url(), threads=4)
    database = open_database(ServerSettings(server=section))
    migrate(database)
    build_hospital(database)
    yield Site(ServerSettings(server=section), database, add_kiosk(database, "K")[0])
    database.close()


def back_up(site: Site, target: Path) -> Made:
    return make_backup(site.settings, site.database, target, now=MORNING)


def test_a_copy_taken_while_people_register_is_one_moment_of_the_whole(
    site: Site, make_database_url: Callable[[], str], tmp_path: Path
) -> None:
    stopped = threading.Event()
    sent: list[str] = []

    def keep_registering() -> None:
        while not stopped.is_set():
            number = f"0341900{len(sent):05d}"
            register(site.database, arrival(number), site.kiosk)
            sent.append(number)

    writer = threading.Thread(target=keep_registering)
    writer.start()
    try:
        while len(sent) < 5:
            stopped.wait(0.01)
        made = back_up(site, tmp_path / "backups")
        seen = len(sent)
    finally:
        stopped.set()
        writer.join(30)
    assert made.faults == []
    there = site.elsewhere(make_database_url(), tmp_path / "other")
    restored = restore(there, made.directory, now=MORNING)
    database = open_database(there)
    with database.reading() as session:
        encounters = session.scalar(sa.select(sa.func.count()).select_from(Encounter)) or 0
        numbers = sorted(session.scalars(sa.select(Ticket.number)))
    database.close()
    assert 5 <= encounters <= seen + 1
    assert numbers == list(range(1, encounters + 1)), "no visit without its number, no number without its visit"
    assert restored.manifest.counts["encounter"] == encounters
    assert restored.manifest.newest_visit_at == MORNING
    assert not restored.needs_migration


def test_the_way_back_as_an_operator_types_it(
    site: Site, make_database_url: Callable[[], str], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    register(site.database, arrival(), site.kiosk)

    def run(data_dir: Path, url: str, *words: str) -> tuple[int, str, str]:
        config = tmp_path / "config.yaml"
        config.write_text(f"server: {{data_dir: '{data_dir}', threads: 4}}", encoding="utf-8")
        monkeypatch.setenv("TIEPDON_DATABASE_URL", url)
        with pytest.raises(SystemExit) as raised:
            main([*words, "--config", str(config)])
        out, err = capsys.readouterr()
        return int(raised.value.code or 0), out, err

    here = site.settings.server
    backups, keys = tmp_path / "backups", tmp_path / "keys"
    status, said, _ = run(here.data_dir, here.database_url, "backup", str(backups), "--keys", str(keys))
    assert status == 0
    assert "audit.key" in said
    (directory,) = backups.iterdir()
    files = [*directory.iterdir(), *keys.iterdir()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert "audit.key" in (directory / KEYS_NOTE).read_text(encoding="utf-8")
    url = make_database_url()
    status, _, err = run(tmp_path / "new", url, "restore", str(directory))
    assert (status, "audit.key" in err) == (1, True), "the keys are missed before anything is touched"
    (tmp_path / "new").mkdir(exist_ok=True)
    for key in keys.iterdir():
        shutil.copy2(key, tmp_path / "new")
    status, said, _ = run(tmp_path / "new", url, "restore", str(directory))
    assert (status, "kiosks send the visits" in said) == (0, True)
    assert run(tmp_path / "new", url, "audit", "verify")[0] == 0
    assert rows_counted(url, "patient") == 1, "PostgreSQL plans at once as it did before"
    status, _, err = run(tmp_path / "new", url, "restore", str(directory))
    assert (status, "not empty" in err) == (1, True)


def rows_counted(url: str, table: str) -> int:
    """Return how many rows the planner takes a table to have; SQLite's counts them itself."""
    database = Database(url)
    known = f"SELECT reltuples FROM pg_class WHERE oid = CAST('{table}' AS regclass)"
    count = sa.text(known if database.kind == "postgresql" else f"SELECT count(*) FROM {table}")
    with database.reading() as session:
        found = session.execute(count).scalar_one()
    database.close()
    return int(found)


def test_a_log_somebody_tampered_with_is_found_at_the_backup_and_not_gone_back_to(
    site: Site, make_database_url: Callable[[], str], tmp_path: Path
) -> None:
    with site.database.begin() as session:
        session.execute(sa.update(AuditLine).where(AuditLine.sequence == 1).values(actor="somebody-else"))
    made = back_up(site, tmp_path / "backups")
    assert made.faults == [Fault(FaultKind.CONTENT, 1)]
    there = site.elsewhere(make_database_url(), tmp_path / "other")
    with pytest.raises(Refused) as caught:
        restore(there, made.directory, now=MORNING)
    assert caught.value.code == "backup.audit"
    assert is_empty(sa.make_url(there.server.database_url))


MISFITS: list[tuple[dict[str, object], str]] = [
    ({"revision": "9999"}, "backup.newer"),
    ({"kind": "other"}, "backup.damaged"),
    ({"keys": {"audit.key": "0" * 16}}, "backup.keys"),  # another installation's
    ({"format": 2}, "backup.damaged"),
    ({"counts": {"clinic": 3}}, "backup.counts"),  # a row is missing
]


def test_a_backup_that_does_not_fit_or_was_changed_is_refused_and_leaves_the_database_empty(
    site: Site, make_database_url: Callable[[], str], tmp_path: Path
) -> None:
    made = back_up(site, tmp_path / "backups")
    manifest = made.directory / MANIFEST
    said = json.loads(manifest.read_text(encoding="utf-8"))
    there = site.elsewhere(make_database_url(), tmp_path / "other")
    for changes, code in MISFITS:
        manifest.write_text(json.dumps(said | changes), encoding="utf-8")
        with pytest.raises(Refused) as caught:
            restore(there, made.directory, now=MORNING)
        assert caught.value.code == code
        assert is_empty(sa.make_url(there.server.database_url))
    manifest.write_text(json.dumps(said), encoding="utf-8")
    copy = made.directory / made.manifest.file
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    with pytest.raises(Refused) as caught:
        restore(there, made.directory, now=MORNING)
    assert caught.value.code == "backup.damaged"
    assert is_empty(sa.make_url(there.server.database_url))


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        Manifest.read(tmp_path)
    assert caught.value.code == "backup.absent"


def test_the_oldest_backups_go_and_unfinished_ones_do_not_count(site: Site, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    made = [
        make_backup(site.settings, site.database, target, now=MORNING + timedelta(minutes=minutes)).directory
        for minutes in (0, 15, 30)
    ]
    (target / "tiepdon-20990101T000000Z").mkdir()  # copied halfway by another program
    assert prune(target, keep=2) == made[:1]
    assert all(directory.exists() for directory in made[1:])

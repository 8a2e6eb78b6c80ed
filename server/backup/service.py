"""Making a backup and going back to one; both prove what they did before they say so."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit
from server.audit import AuditLog, Head, read_or_make_key, write_witness
from server.audit_faults import Fault
from server.auditing.checks import note_check
from server.backup import copying
from server.backup.epoch import begin_epoch
from server.backup.manifest import KEYS_NOTE, MANIFEST, NAME_PREFIX, Manifest, fingerprints, name_at, sha256_of
from server.backup.sealing import SUFFIX, Identity, Recipient, seal, unseal
from server.config import ServerSettings
from server.db import Database
from server.errors import Refused
from server.migrations import current_revision, is_known, newest_revision
from server.registration.models import Encounter
from server.secret_files import write_new
from server.wiring import open_database

_NOTE: Final = """The keys of this installation are NOT in this backup. Without them the audit log cannot be
verified and what is sealed in the database cannot be opened. Keep these files, from
{data_dir}, in another safe place:

{names}
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup. ``faults`` of the audit log do not stop it: a copy of a broken log is evidence too."""

    directory: Path
    manifest: Manifest
    faults: Sequence[Fault]


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    needs_migration: bool


def make_backup(
    settings: ServerSettings, database: Database, target: Path, *, now: datetime, recipients: Sequence[Recipient] = ()
) -> Made:
    """Copy the running database into a new directory below ``target``, readable by its owner only.

    With ``recipients`` the copy is encrypted to them, and this server cannot read it any more.
    """
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory = target / name_at(now)
    draft = target / f".{directory.name}.{os.getpid()}"
    if directory.exists():
        raise Refused("backup.exists", f"{directory} is there already")
    draft.mkdir(mode=0o700)
    try:
        manifest, faults = _fill(settings, database, draft, now, recipients)
        draft.rename(directory)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    with database.begin() as session:
        note_check(session, at=now, by="system", end=Head.parse(manifest.audit_head), faults=faults)
        audit.record(
            session, at=now, actor="system", action="backup.made", subject_type="database", subject_id=directory.name,
            details={"audit_head": manifest.audit_head},
        )  # fmt: skip
    return Made(directory, manifest, faults)


def prune(target: Path, keep: int) -> list[Path]:
    """Remove all but the newest ``keep`` finished backups below ``target``; return the removed ones."""
    finished = sorted(path.parent for path in target.glob(f"{NAME_PREFIX}*/{MANIFEST}"))
    removed = finished[: max(len(finished) - keep, 0)]
    for directory in removed:
        shutil.rmtree(directory)
    return removed


def copy_keys(settings: ServerSettings, target: Path) -> list[str]:
    """Copy the installation's keys to a directory of their own, e.g. on another disk; return their names."""
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in (names := list(fingerprints(settings.server.data_dir))):
        descriptor = os.open(target / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write((settings.server.data_dir / name).read_bytes())
            os.fsync(file.fileno())
    return names


def restore(settings: ServerSettings, directory: Path, *, now: datetime, identity: Identity | None = None) -> Restored:
    """Fill the configured, empty database from a backup and prove that it is all there.

    Raises Refused, leaving the database empty as it was: for a damaged copy, a database with anything in it, a missing
    or other key, counts that differ, an audit log that does not hold. ``identity`` opens an encrypted copy.
    """
    manifest = Manifest.read(directory)
    url = sa.make_url(settings.server.database_url)
    if url.get_backend_name() != manifest.kind:
        raise Refused("backup.other_kind", f"this is a backup of {manifest.kind}, and the configuration names another")
    if not is_known(manifest.revision):
        raise Refused("backup.newer", f"its schema {manifest.revision} is newer than this program")
    _require_keys(settings.server.data_dir, manifest.keys)
    if not copying.is_empty(url):
        raise Refused("backup.not_empty", "the configured database is not empty; nothing is ever overwritten")
    with _opened(directory / Path(manifest.file).name, manifest, identity, settings.server.data_dir) as copy:
        copying.load(copy, url)
    database = open_database(settings)
    try:
        with database.reading() as session:
            needs_migration = _prove(session, settings.server.data_dir, manifest)
    except BaseException:
        database.close()
        copying.empty(url)
        raise
    try:
        write_witness(settings.server.data_dir, Head.parse(manifest.audit_head))
        with database.begin() as session:
            if "server_epoch" in manifest.counts:  # an older schema gets its first epoch, a new one, by the migration
                begin_epoch(session, now=now)
            audit.record(
                session, at=now, actor="system", action="backup.restored", subject_type="database",
                subject_id=directory.name, details={"audit_head": manifest.audit_head},
            )  # fmt: skip
    finally:
        database.close()
    return Restored(manifest, needs_migration)


def _fill(
    settings: ServerSettings, database: Database, draft: Path, now: datetime, recipients: Sequence[Recipient]
) -> tuple[Manifest, list[Fault]]:
    data_dir = settings.server.data_dir
    copy = draft / copying.FILES[database.kind]
    with copying.copied(database, copy) as session:
        counts = _counts(session, sa.inspect(session.connection()).get_table_names())
        head, faults = AuditLog(read_or_make_key(data_dir)).verify(session)
        newest = session.scalar(sa.select(sa.func.max(Encounter.arrived_at)))
        revision = current_revision(session.connection()) or ""
    if recipients:
        plain, copy = copy, copy.with_name(copy.name + SUFFIX)
        seal(plain, copy, recipients)
        plain.unlink()
    manifest = Manifest(
        made_at=now,
        program=version("tiepdon"),
        kind=cast("Literal['sqlite', 'postgresql']", database.kind),
        revision=revision,
        file=copy.name,
        sha256=sha256_of(copy),
        counts=counts,
        audit_head=str(head),
        newest_visit_at=newest,
        keys=fingerprints(data_dir),
        encrypted_to=tuple(str(one) for one in recipients),
    )
    names = "\n".join(f"    {name}    {sum_}" for name, sum_ in manifest.keys.items())
    write_new(draft / KEYS_NOTE, _NOTE.format(data_dir=data_dir, names=names).encode())
    write_new(draft / MANIFEST, manifest.model_dump_json(indent=2).encode())
    return manifest, faults


@contextmanager
def _opened(copy: Path, manifest: Manifest, identity: Identity | None, data_dir: Path) -> Iterator[Path]:
    """Give the plain copy, for the length of the block where it had to be decrypted."""
    if not manifest.encrypted_to:
        yield copy
        return
    if identity is None:
        raise Refused("backup.encrypted", "the backup is encrypted: name the file of the secret key with --key")
    with TemporaryDirectory(dir=data_dir, prefix=".restoring-") as room:  # where only the server's account may look
        plain = Path(room) / copy.name.removesuffix(SUFFIX)
        unseal(copy, plain, identity)
        yield plain


def _counts(session: Session, tables: Sequence[str]) -> dict[str, int]:
    return {
        table: session.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one()
        for table in sorted(tables)
    }


def _require_keys(data_dir: Path, wanted: Mapping[str, str]) -> None:
    present = fingerprints(data_dir)
    missing = [name for name, sum_ in wanted.items() if present.get(name) != sum_]
    if missing:
        raise Refused(
            "backup.keys", f"put these keys of the installation into {data_dir} first: {', '.join(sorted(missing))}"
        )


def _prove(session: Session, data_dir: Path, manifest: Manifest) -> bool:
    """Return whether the schema is older than the program's; raises Refused when anything is not as it was copied."""
    counts = _counts(session, list(manifest.counts))
    differing = [table for table, number in manifest.counts.items() if counts[table] != number]
    if differing:
        raise Refused("backup.counts", f"not all rows are there: {', '.join(differing)}")
    _, faults = AuditLog(read_or_make_key(data_dir)).verify(session, [Head.parse(manifest.audit_head)])
    if faults:
        raise Refused("backup.audit", f"the audit log of the backup does not hold: {faults[0]}")
    return manifest.revision != newest_revision()

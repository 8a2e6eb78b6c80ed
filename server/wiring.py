"""A database as every program of the server uses it: with the audit log and the feed at work in each transaction."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from server import feed
from server.audit import AuditLog, read_or_make_key
from server.config import ServerSettings
from server.db import Database
from server.outbox import recording as outbox

CONNECTIONS: Final = 12
"""Of one process, at most. Each costs PostgreSQL a process, of which it has a hundred for all; threads take turns, each
for some milliseconds."""


def open_database(settings: ServerSettings) -> Database:
    """Return the configured database; close it after use. Makes the data directory and the audit key if missing."""
    section = settings.server
    database = Database(section.database_url, connections=CONNECTIONS, wait_s=section.database_wait_s)
    if database.kind == "sqlite" and database.url.database:
        path = Path(database.url.database)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)  # SQLite gives its log files the same mode
    connect_log(database, section.data_dir, told=section.his.facilities if section.his else ())
    return database


def connect_log(database: Database, data_dir: Path, *, told: Collection[str] = ()) -> AuditLog:
    """Have ``database`` write the audit lines and feed rows its sessions note; return the log.

    Of the visits of the facilities in ``told`` another system hears by the outbox.
    """
    log = AuditLog(read_or_make_key(data_dir))
    log.install(database.session_factory)
    if told:
        outbox.install(database.session_factory, told)
    feed.install(database.session_factory)
    return log

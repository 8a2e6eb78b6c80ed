"""The database's schema, step by step; ``migrate`` brings any older one to the newest."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from server.db import Database, migrating


def migrate(database: Database) -> str:
    """Bring ``database`` to the newest schema in one transaction and return its revision.

    Safe to repeat and to run twice at once; killed half way, the old schema stands. Raises
    alembic.util.CommandError when the database is newer than this program.
    """
    with migrating(database) as connection:
        command.upgrade(config(connection), "head")
        return current_revision(connection) or ""


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the schema in the database; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """Return the revision this program works with."""
    revision = ScriptDirectory.from_config(config()).get_current_head()
    assert revision is not None
    return revision


def is_known(revision: str) -> bool:
    """Whether a database of ``revision`` can be brought to this program's schema."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(config()).walk_revisions())


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration; no alembic.ini is needed."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings

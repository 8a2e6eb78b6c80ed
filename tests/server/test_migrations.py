"""The schema grows by steps that both databases take."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError

from server.db import Database, migrating
from server.migrations import config, current_revision, migrate, newest_revision
from server.models import Base


def test_migrated_database_has_exactly_the_tables_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    assert migrate(database) == newest_revision()


def test_every_step_can_be_taken_back_and_taken_again(database: Database) -> None:
    with migrating(database) as connection:
        command.downgrade(config(connection), "base")
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    assert migrate(database) == newest_revision()


def test_migration_that_is_cut_off_leaves_the_old_schema(make_database_url: Callable[[], str]) -> None:
    database = Database(make_database_url())

    def migrate_and_be_killed() -> None:
        with migrating(database) as connection:
            command.upgrade(config(connection), "head")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate_and_be_killed()
    with database.engine.connect() as connection:
        assert current_revision(connection) is None
        assert sa.inspect(connection).get_table_names() == []
    database.close()


def test_database_of_a_newer_program_is_refused(database: Database) -> None:
    with database.begin() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CommandError, match="9999"):
        migrate(database)

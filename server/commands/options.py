"""``--config`` on every command, and what a command gets from it."""

from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Final, TypeVar

import click

from server.config import ServerSettings, load_settings
from server.db import Database
from server.engines import DatabaseUnfit
from server.migrations import current_revision, newest_revision
from server.wiring import open_database

DEFAULT_CONFIG: Final = Path("config.yaml")

C = TypeVar("C", bound=click.Command)

pass_settings = click.make_pass_decorator(ServerSettings)
pass_database = click.make_pass_decorator(Database)


def takes_settings(command: C) -> C:
    """Return a command with ``--config``; its function gets the settings by ``pass_settings``."""
    return _with_config(command, lambda _, settings: settings)


def takes_database(command: C) -> C:
    """Return a command, or a group of them, with ``--config``; it gets the open database by ``pass_database``.

    What was given stays as it is: it can be run on a database that is open already.
    """
    if isinstance(command, click.Group):
        group = copy(command)
        group.commands = {name: takes_database(one) for name, one in command.commands.items()}
        return group
    return _with_config(command, _open_migrated)


def require_newest_schema(database: Database) -> None:
    """Raise DatabaseUnfit when the database does not have this program's schema."""
    with database.reading() as session:
        revision = current_revision(session.connection())
    if revision != newest_revision():
        raise DatabaseUnfit(
            f"The database's schema is {revision or 'empty'}, this program works with {newest_revision()}: "
            "run 'tiepdon-server migrate' first."
        )


def _open_migrated(ctx: click.Context, settings: ServerSettings) -> Database:
    database = open_database(settings)
    try:
        require_newest_schema(database)
    except BaseException:
        database.close()  # click closes no context that failed while it was made
        raise
    ctx.call_on_close(database.close)
    return database


def _with_config(command: C, make_object: Callable[[click.Context, ServerSettings], ServerSettings | Database]) -> C:
    def read(ctx: click.Context, _: click.Parameter, path: Path) -> Path:
        settings = load_settings(path)
        ctx.obj = make_object(ctx, settings)
        return path

    option = click.Option(
        ["--config"],
        type=click.Path(dir_okay=False, path_type=Path),
        default=DEFAULT_CONFIG,
        show_default=True,
        envvar="TIEPDON_CONFIG",
        expose_value=False,
        callback=read,
        help="The configuration file.",
    )
    command = copy(command)
    command.params = [*command.params, option]
    return command

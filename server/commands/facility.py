"""``tiepdon-server facility``: what a hospital offers, from files its IT department keeps."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from sqlalchemy.orm import Session

from server.commands.options import pass_database, takes_database
from server.db import Database
from server.errors import Refused
from server.facilities.description import DescriptionError, read_description
from server.facilities.importing import import_facility
from server.facilities.roster import import_roster, read_roster

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_DRY_RUN: Final = click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")


class _OnlyTried(Exception):
    """Takes a transaction back that was only to be tried."""


@click.group(help="A hospital's clinics, prices and rosters.")
def facility() -> None:
    pass


@facility.command("import", short_help="Bring clinics, prices and doctors from YAML.")
@click.argument("file", type=_FILE)
@_DRY_RUN
@pass_database
def import_(database: Database, file: Path, dry_run: bool) -> None:
    """Bring FILE into the database: YAML as in docs/facility-example.yaml.

    What is new is added, what differs is changed, services and doctors it leaves out are withdrawn. Safe to repeat.
    """
    try:
        wanted = read_description(file)
    except DescriptionError as error:
        raise Refused("import.invalid", str(error)) from error
    now = datetime.now(UTC)
    _import(database, lambda session: import_facility(session, wanted, by="system", now=now), dry_run=dry_run)


@facility.command(short_help="Bring a duty roster from CSV.")
@click.argument("file", type=_FILE)
@click.option("--facility", "code", required=True, help="The facility's 5-character code.")
@_DRY_RUN
@pass_database
def roster(database: Database, file: Path, code: str, dry_run: bool) -> None:
    """Bring the duty roster in FILE into the database: CSV with the columns day, session, room, doctor.

    The days that FILE names get exactly its rows; other days stay. Safe to repeat.
    """
    try:
        rows = read_roster(file)
    except DescriptionError as error:
        raise Refused("import.invalid", str(error)) from error
    now = datetime.now(UTC)
    _import(
        database, lambda session: import_roster(session, rows, facility=code, by="system", now=now), dry_run=dry_run
    )


def _import(database: Database, work: Callable[[Session], list[str]], *, dry_run: bool) -> None:
    """Run one import, whole or not at all, and say what it changed."""
    changes: list[str] = []
    try:
        with database.begin() as session:
            changes = work(session)
            if dry_run:
                raise _OnlyTried
    except _OnlyTried:
        click.echo("Nothing was changed; without --dry-run this would be:")
    for change in changes or ["Nothing to change."]:
        click.echo(change)


facility = takes_database(facility)

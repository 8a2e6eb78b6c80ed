"""``tiepdon-server kiosk``: which devices may speak to the server."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from server.commands.options import pass_database, takes_database
from server.db import Database
from server.domain.days import VIETNAM
from server.errors import Refused
from server.fleet import service
from server.secret_files import write_new


@click.group(help="The kiosks: enrol, revoke, list.")
def kiosk() -> None:
    pass


@kiosk.command()
@click.option("--facility", required=True, help="The facility's 5-character code.")
@click.option("--name", required=True, help="What the staff call it, e.g. 'Kiosk 1'.")
@click.option("--letter", required=True, help="A to Z; stands on the numbers the kiosk gives by itself.")
@click.option("--token-file", type=click.Path(dir_okay=False, path_type=Path), help="Write the token here, mode 0600.")
@click.option("--rotate", is_flag=True, help="Give an enrolled kiosk a new token; the old one stops at once.")
@pass_database
def enrol(database: Database, facility: str, name: str, letter: str, token_file: Path | None, rotate: bool) -> None:
    """Enrol a kiosk and show its token once, or write it to a file."""
    if len(letter) != 1 or not "A" <= letter <= "Z":
        raise click.BadParameter("one letter from A to Z", param_hint="--letter")
    if token_file is not None and token_file.exists() and not rotate:
        raise Refused("kiosk.token_file_exists", f"{token_file} exists; --rotate replaces it")
    token = database.transact(
        lambda session: service.enrol(
            session, facility=facility, name=name, letter=letter, rotate=rotate, now=datetime.now(UTC)
        )
    )
    if token_file is None:
        click.echo(token)
    else:
        _write_secret(token_file, token)
        click.echo(f"'{name}' is enrolled; its token stands in {token_file}.")


@kiosk.command()
@click.option("--facility", required=True, help="The facility's 5-character code.")
@click.option("--name", required=True)
@pass_database
def revoke(database: Database, facility: str, name: str) -> None:
    """Take a kiosk's right to speak away, from its next request on."""
    with database.begin() as session:
        service.revoke(session, facility=facility, name=name, now=datetime.now(UTC))
    click.echo(f"'{name}' is revoked.")


@kiosk.command("list", short_help="Show all kiosks, one a line.")
@pass_database
def list_(database: Database) -> None:
    """Show all kiosks, one a line: facility, letter, state, last seen (local time), name."""
    with database.reading() as session:
        for one in service.list_kiosks(session):
            state = "revoked" if one.revoked_at else "active"
            seen = f"{one.last_seen_at.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S}" if one.last_seen_at else "never"
            click.echo("\t".join((one.facility_code, one.letter, state, seen, one.name)))


def _write_secret(path: Path, token: str) -> None:
    """Write ``token`` so that nobody else can read it at any moment, and never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    write_new(draft, f"{token}\n".encode("ascii"))
    draft.replace(path)


kiosk = takes_database(kiosk)

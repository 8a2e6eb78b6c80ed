"""``tiepdon-server audit``: whether anybody tampered with the log."""

import sys

import click

from server.audit import WITNESS_FILE, AuditLog, Head, read_or_make_key, write_witness
from server.commands.options import pass_settings, require_newest_schema, takes_settings
from server.config import ServerSettings
from server.wiring import open_database


@click.group(help="The audit log.")
def audit() -> None:
    pass


@takes_settings
@click.command()
@click.option("--head", "noted", multiple=True, help="SEQUENCE:HASH, noted or printed earlier; it must still be there.")
@pass_settings
def verify(settings: ServerSettings, noted: tuple[str, ...]) -> None:
    """Check every line of the log; exit status 1 and one line per fault when something was tampered with.

    The end of a sound log is noted beside the key, and must still be in it at the next check.
    """
    try:
        witnesses = [Head.parse(text) for text in noted]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--head") from error
    witness_file = settings.server.data_dir / WITNESS_FILE
    if witness_file.exists():
        witnesses.append(Head.parse(witness_file.read_text(encoding="ascii")))
    database = open_database(settings)
    try:
        require_newest_schema(database)
        with database.reading() as session:
            end, faults = AuditLog(read_or_make_key(settings.server.data_dir)).verify(session, witnesses)
    finally:
        database.close()
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        sys.exit(1)
    write_witness(settings.server.data_dir, end)
    click.echo(f"{end.sequence} lines, unbroken. The end, to be noted elsewhere: {end}")


audit.add_command(verify)

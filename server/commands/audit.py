"""``tiepdon-server audit``: whether anybody tampered with the log."""

import sys
from datetime import UTC, datetime

import click

from server.audit import WITNESS_FILE, AuditLog, Head, find_head, read_or_make_key, write_witness
from server.auditing.checks import note_check
from server.commands.options import pass_settings, require_newest_schema, takes_settings
from server.config import ServerSettings
from server.wiring import open_database


@click.group(help="Whether anybody tampered with the audit log.")
def audit() -> None:
    pass


@takes_settings
@click.command(short_help="Check every line of the log.")
@click.option("--head", "noted", multiple=True, help="SEQUENCE:HASH, noted or printed earlier; it must still be there.")
@pass_settings
def verify(settings: ServerSettings, noted: tuple[str, ...]) -> None:
    """Check every line of the log; exit status 1 and one line per fault when something was tampered with.

    The end of a sound log is noted beside the key, and must still be in it at the next check. The result becomes a
    line of the log, where the auditor's page shows it.
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
        for fault in faults:
            click.echo(fault, err=True)
        with database.begin() as session:
            if find_head(session) is not None:  # a log without a head takes no line any more
                note_check(session, at=datetime.now(UTC), by="system", end=end, faults=faults)
        with database.reading() as session:
            noted_end = find_head(session) or end  # with the line just written: it must not be cut off either
    finally:
        database.close()
    if faults:
        sys.exit(1)
    write_witness(settings.server.data_dir, noted_end)
    click.echo(f"{end.sequence} lines, unbroken. The end, to be noted elsewhere: {noted_end}")


audit.add_command(verify)

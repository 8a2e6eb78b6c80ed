"""``tiepdon-server backup`` and ``restore``: a copy for the day a disk dies, and the way back."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from server.backup.epoch import SKIPPED
from server.backup.sealing import read_identity, read_recipients, write_identity
from server.backup.service import copy_keys, make_backup, prune
from server.backup.service import restore as go_back
from server.commands.options import pass_settings, require_newest_schema, takes_settings
from server.config import ServerSettings
from server.domain.days import VIETNAM
from server.wiring import open_database


@takes_settings
@click.command(short_help="Copy the database while the server runs.")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", type=click.IntRange(1), help="Afterwards remove all but so many of the newest backups there.")
@click.option(
    "--keys", "keys", type=click.Path(file_okay=False, path_type=Path),
    help="Also copy the keys, to another directory: best on another disk, never beside the backups.",
)  # fmt: skip
@click.option(
    "--encrypt-to", "recipients", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of public keys (age1...): the copy is encrypted, and this server cannot read it any more.",
)  # fmt: skip
@pass_settings
def backup(
    settings: ServerSettings, directory: Path, keep: int | None, keys: Path | None, recipients: Path | None
) -> None:
    """Copy the database, while the server runs, into a new directory below DIRECTORY that only its owner can read.

    The audit log is verified on the way: exit status 1, with the copy made, when it does not hold.
    """
    readers = read_recipients(recipients) if recipients else []
    database = open_database(settings)
    try:
        require_newest_schema(database)
        made = make_backup(settings, database, directory, now=datetime.now(UTC), recipients=readers)
    finally:
        database.close()
    rows = sum(made.manifest.counts.values())
    click.echo(f"{made.directory}: {rows} rows. The audit log's end, to be noted elsewhere: {made.manifest.audit_head}")
    if keys is not None:
        click.echo(f"{keys}: {', '.join(copy_keys(settings, keys))}")
    if keep is not None:
        for removed in prune(directory, keep):
            click.echo(f"{removed}: removed")
    for fault in made.faults:
        click.echo(f"audit log: {fault}", err=True)
    if made.faults:
        sys.exit(1)


@takes_settings
@click.command(short_help="Fill an empty database from a backup.")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--key", "key", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file of the secret key that opens an encrypted backup.",
)  # fmt: skip
@pass_settings
def restore(settings: ServerSettings, directory: Path, key: Path | None) -> None:
    """Fill the configured database from the backup in DIRECTORY; it must be empty, nothing is ever overwritten.

    Stop the server first and bring its keys back. Afterwards rows and audit log are proved to be those of the backup.
    """
    restored = go_back(settings, directory, now=datetime.now(UTC), identity=read_identity(key) if key else None)
    manifest = restored.manifest
    click.echo(f"{sum(manifest.counts.values())} rows are back, the audit log holds up to {manifest.audit_head}.")
    made_at = manifest.made_at.astimezone(VIETNAM)
    click.echo(
        f"What happened after {made_at:%H:%M:%S %d/%m/%Y} is not in it. By themselves kiosks send the visits of the"
        " last days once more (kiosk.keep_days), each with the number that is on paper; meanwhile every queue goes on"
        f" {SKIPPED} numbers later, so that none is given twice. What desk and rooms did since must be done again."
    )
    if restored.needs_migration:
        click.echo("The backup has an older schema: run 'tiepdon-server migrate' before the server.")


@click.command(short_help="Make the secret key of encrypted backups.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_key(file: Path) -> None:
    """Make the secret key of encrypted backups in FILE, and print its public key.

    Make it on another machine, or move FILE away: what can open the backups must not lie beside them. Keep it twice.
    Whoever loses it loses every backup encrypted to it.
    """
    click.echo(str(write_identity(file).recipient))

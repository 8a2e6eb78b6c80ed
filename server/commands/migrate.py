import click
from alembic.util import CommandError

from server.commands.options import pass_settings, takes_settings
from server.config import ServerSettings
from server.engines import DatabaseUnfit
from server.migrations import migrate as bring_to_newest
from server.wiring import open_database


@takes_settings
@click.command(short_help="Bring the database to this program's schema.")
@pass_settings
def migrate(settings: ServerSettings) -> None:
    """Bring the database to this program's schema; makes it when there is none."""
    database = open_database(settings)
    try:
        revision = bring_to_newest(database)
    except CommandError as error:
        raise DatabaseUnfit(f"The database is newer than this program ({error}): install the newer program.") from error
    finally:
        database.close()
    click.echo(f"The database's schema is {revision}.")

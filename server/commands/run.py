import click

from server.commands.options import pass_settings, require_newest_schema, takes_settings
from server.config import ServerSettings
from server.contract import logs
from server.contract.binding import require_usable
from server.contract.settings import Profile
from server.db import Database
from server.demo.seeding import has_demo_data
from server.engines import DatabaseUnfit
from server.insurance.config import read_credentials
from server.monitoring.shared import share_between_processes
from server.outbox.config import read_token
from server.wiring import open_database


@takes_settings
@click.command(short_help="Run the web server.")
@pass_settings
def run(settings: ServerSettings) -> None:
    """Run the web server until it is asked to stop (SIGTERM, Ctrl-C)."""
    database = open_database(settings)
    try:
        check_fit(settings, database)
    finally:
        database.close()
    require_usable("server.bind", settings.server.bind)
    logs.set_up()
    share_between_processes(settings.server.data_dir)
    # Only now: the web server brings in the metrics' library, which looks once whether its counters are shared.
    from server.launcher import Server
    from server.monitoring.api import metrics_token

    metrics_token(settings.server.data_dir)  # made now, so that the monitor can be given it
    Server(settings).run()


def check_fit(settings: ServerSettings, database: Database) -> None:
    """Raise DatabaseUnfit or Refused for what no worker can start with: said once, here, and not by each of them."""
    require_newest_schema(database)
    if settings.server.insurance is not None:
        read_credentials(settings.server.insurance, settings.server.data_dir)
    if settings.server.his is not None:
        read_token(settings.server.his, settings.server.data_dir)
    if settings.profile is Profile.PRODUCTION and has_demo_data(database):
        raise DatabaseUnfit("The database holds the invented hospital of the demo; a production profile refuses it.")

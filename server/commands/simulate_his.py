import signal
import sys

import click

from server.commands.options import pass_settings, takes_settings
from server.config import ServerSettings
from server.contract.settings import Profile
from server.errors import Refused
from server.outbox.config import SIMULATED_TOKEN
from server.outbox.simulated import SimulatedHis, serve


@takes_settings
@click.command("simulate-his", short_help="Run the simulated hospital system.")
@click.option("--port", type=click.IntRange(1, 65535), default=8091, show_default=True, help="On 127.0.0.1.")
@pass_settings
def simulate_his(settings: ServerSettings, port: int) -> None:
    """Run the simulated hospital information system until it is asked to stop.

    It takes the visits the outbox sends, and refuses those of people whose birth date is not known to the day. Refused
    by a production profile.
    """
    if settings.profile is Profile.PRODUCTION:
        raise Refused("his.production", "a production profile takes no simulated hospital information system")
    server = serve(SimulatedHis(SIMULATED_TOKEN), port=port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    click.echo(f"The simulated hospital information system answers at http://127.0.0.1:{server.port}")
    try:
        server.serve_forever()
    finally:
        server.server_close()

import signal
import sys

import click

from server.commands.options import pass_settings, takes_settings
from server.config import ServerSettings
from server.contract.settings import Profile
from server.errors import Refused
from server.insurance.config import SIMULATED_PASSWORD
from server.insurance.simulated import SimulatedGateway, serve


@takes_settings
@click.command("simulate-gateway", short_help="Run the simulated insurance gateway.")
@click.option("--port", type=click.IntRange(1, 65535), default=8090, show_default=True, help="On 127.0.0.1.")
@pass_settings
def simulate_gateway(settings: ServerSettings, port: int) -> None:
    """Run the simulated insurance gateway until it is asked to stop; it knows invented people only.

    It takes the accounts of the configuration's server.insurance. Refused by a production profile.
    """
    if settings.profile is Profile.PRODUCTION:
        raise Refused("insurance.production", "a production profile takes no simulated insurance gateway")
    section = settings.server.insurance
    if section is None:
        raise Refused("insurance.absent", "the configuration has no section server.insurance to take accounts from")
    server = serve(SimulatedGateway(section.facilities, SIMULATED_PASSWORD), port=port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    click.echo(f"The simulated insurance gateway answers at http://127.0.0.1:{server.port}")
    try:
        server.serve_forever()
    finally:
        server.server_close()

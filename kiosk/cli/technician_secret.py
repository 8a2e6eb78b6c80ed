"""``tiepdon-kiosk technician-secret``: set what the technician's page of this machine asks for in production."""

from pathlib import Path

import click

from kiosk.cli.options import config_option
from kiosk.config import read_kiosk_settings
from kiosk.screens.technician_access import SHORTEST_SECRET, write_secret


@click.command("technician-secret", short_help="Set the secret of the technician's page.")
@config_option
def command(config: Path) -> None:
    """Ask twice for a secret, and keep its hash below the kiosk's data directory."""
    settings = read_kiosk_settings(config)
    secret = click.prompt(f"Secret, at least {SHORTEST_SECRET} characters", hide_input=True, confirmation_prompt=True)
    try:
        write_secret(settings.kiosk.data_dir, secret)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from error
    click.echo("The technician's page of this kiosk now asks for it.")

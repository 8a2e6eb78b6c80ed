"""Options that several commands take."""

from pathlib import Path
from typing import Final

import click

config_option: Final = click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=Path("config.yaml"),
    show_default=True,
    envvar="TIEPDON_CONFIG",
    help="The configuration file.",
)

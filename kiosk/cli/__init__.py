"""``tiepdon-kiosk``: run the kiosk, and try its devices one by one.

Exit status: 0 done, 1 the kiosk cannot run here, 2 wrong usage or configuration, 3 device missing, 4 the card or code
was refused or is unreadable; the reason stands in one sentence on standard error.
"""

import importlib
import sys
from collections.abc import Sequence
from typing import Final

import click

from drivers.errors import DeviceTimeout, DeviceUnavailable, DriverError
from server.contract.binding import AddressUnusable
from server.contract.settings import SettingsError

# A command's module is imported when the command is used: 'scan' needs no smart card library, 'card' no OpenCV.
_COMMANDS: Final = {
    "run": "kiosk.cli.run",
    "devices": "kiosk.cli.devices",
    "camera": "kiosk.cli.camera",
    "card": "kiosk.cli.card",
    "card-simulate": "kiosk.cli.card_simulate",
    "scan": "kiosk.cli.scan",
    "print-test": "kiosk.cli.print_test",
    "printer-simulate": "kiosk.cli.printer_simulate",
    "technician-secret": "kiosk.cli.technician_secret",
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(_COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_LazyGroup, help="The registration kiosk: run it, and try its devices one by one.")
@click.version_option(package_name="tiepdon")
def command() -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``tiepdon-kiosk``; turns the errors of devices into an exit status and one sentence."""
    try:
        command.main(arguments, prog_name="tiepdon-kiosk", standalone_mode=True)
    except SettingsError as error:
        _stop(2, str(error))
    except AddressUnusable as error:
        _stop(1, f"{error.code}: {error}")
    except OSError as error:
        if error.filename is None:
            raise
        _stop(1, f"file.unusable: {error.filename}: {error.strerror}; is this the account that the kiosk runs under?")
    except (DeviceUnavailable, DeviceTimeout) as error:
        _stop(3, str(error))
    except DriverError as error:
        _stop(4, str(error))


def _stop(status: int, sentence: str) -> None:
    click.echo(sentence, err=True)
    sys.exit(status)

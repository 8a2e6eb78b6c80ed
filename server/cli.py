"""``tiepdon-server``: run the server, and look after its data.

Exit status: 0 done, 1 refused or found wrong, 2 wrong usage or configuration; the reason stands on standard error, a
stable code and a sentence.
"""

import importlib
import sys
from collections.abc import Sequence
from typing import Final

import click
from sqlalchemy.exc import DBAPIError

from server.contract.binding import AddressUnusable
from server.contract.settings import SettingsError
from server.engines import DatabaseUnfit
from server.errors import ServerError

# A command's module is imported when the command is used: 'kiosk list' needs no web server.
_COMMANDS: Final = {
    "run": ("server.commands.run", "run"),
    "migrate": ("server.commands.migrate", "migrate"),
    "demo": ("server.commands.demo", "demo"),
    "user": ("server.commands.user", "user"),
    "kiosk": ("server.commands.kiosk", "kiosk"),
    "speech": ("server.commands.speech", "speech"),
    "audit": ("server.commands.audit", "audit"),
    "backup": ("server.commands.backup", "backup"),
    "backup-key": ("server.commands.backup", "backup_key"),
    "restore": ("server.commands.backup", "restore"),
    "facility": ("server.commands.facility", "facility"),
    "simulate-his": ("server.commands.simulate_his", "simulate_his"),
    "simulate-gateway": ("server.commands.simulate_gateway", "simulate_gateway"),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute = _COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_LazyGroup, help="The central record of arrivals: run it, and look after its data.")
@click.version_option(package_name="tiepdon")
def command() -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``tiepdon-server``; turns the server's errors into an exit status and one sentence."""
    try:
        command.main(arguments, prog_name="tiepdon-server", standalone_mode=True)
    except SettingsError as error:
        _stop(2, str(error))
    except (DatabaseUnfit, AddressUnusable) as error:
        _stop(1, f"{error.code}: {error}")
    except ServerError as error:
        _stop(1, _with_reason(error))
    except OSError as error:
        if error.filename is None:
            raise
        _stop(1, f"file.unusable: {error.filename}: {error.strerror}; is this the account that the server runs under?")


def _with_reason(error: ServerError) -> str:
    """Return code and sentence; of a database that is out of reach also its driver's reason, for an operator's eyes."""
    cause = error.__cause__
    if not isinstance(cause, DBAPIError) or cause.orig is None:
        return str(error)
    return f"{error}\n{str(cause.orig).strip()}"


def _stop(status: int, sentence: str) -> None:
    click.echo(sentence, err=True)
    sys.exit(status)

"""``tiepdon-kiosk printer-simulate``: a ticket printer on a TCP port that misbehaves when it is told to."""

import sys
from pathlib import Path

import click

from drivers.errors import DeviceUnavailable
from drivers.printer.profiles import WIDTH_DOTS
from drivers.simulated.printer_device import FAULTS, PrinterDevice
from drivers.simulated.printer_paper import PrintedTicket
from drivers.simulated.printer_server import PrinterServer

_MENDED = "ok"


@click.command("printer-simulate")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=9100, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="Folder for a picture of each ticket.")
@click.option("--width", default="80", show_default=True, type=click.Choice(["80", "58"]), help="Paper width in mm.")
@click.option("--speed", default=150.0, show_default=True, type=click.FloatRange(min=0), help="mm/s; 0: in no time.")
@click.option("--fault", type=click.Choice(sorted(FAULTS)), help="Begin with this fault.")
def command(host: str, port: int, output: Path | None, width: str, speed: float, fault: str | None) -> None:
    """Run a simulated ESC/POS printer.

    Each line on standard input names a fault to begin, or "ok" to mend it; the end of input leaves it running.
    """
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
    device = PrinterDevice(width_dots=WIDTH_DOTS[int(width)], speed_mm_s=speed)
    try:
        server = PrinterServer(device, host=host, port=port, on_ticket=_Tray(output).take)
    except OSError as error:
        raise DeviceUnavailable(f"port {port} of {host} cannot be used ({error.strerror})") from error
    with server:
        server.set_fault(fault)
        click.echo(f"printer on {server.host}:{server.port}; faults: {_MENDED}, {', '.join(FAULTS)}")
        try:
            _obey(server)
            server.wait()
        except KeyboardInterrupt:
            pass
        for violation in device.violations:
            click.echo(f"not understood: {violation}")


def _obey(server: PrinterServer) -> None:
    for line in sys.stdin:
        name = line.strip()
        if name == _MENDED:
            server.set_fault(None)
        elif name in FAULTS:
            server.set_fault(name)
        elif name:
            click.echo(f"no such fault: {name}", err=True)
            continue
        click.echo(name)


class _Tray:
    """Where the tickets fall."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._count = 0

    def take(self, ticket: PrintedTicket) -> None:
        self._count += 1
        state = "whole" if ticket.whole else "torn"
        code = "its code can be read" if ticket.qr else "no code on it"
        click.echo(f"ticket {self._count}: {state}, {code}")
        if self._folder is not None:
            (self._folder / f"ticket-{self._count:04d}.png").write_bytes(ticket.png)

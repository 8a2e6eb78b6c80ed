"""``tiepdon-kiosk print-test``: print the self-test page and say what was proved."""

import json
from pathlib import Path
from typing import Final

import click

from drivers.config import (
    FilePrinterOptions,
    NetworkPrinterOptions,
    PrinterOptions,
    SimulatedPrinterOptions,
    UsbPrinterOptions,
)
from drivers.errors import DeviceTimeout, DeviceUnavailable
from drivers.health import DeviceState
from drivers.printer.base import PrintOutcome, PrintState
from drivers.printer.profiles import PROFILES, Proof
from drivers.registry import open_printer
from drivers.simulated.printer import SimulatedPrinter
from kiosk.config import read_kiosk_settings
from kiosk.self_test_page import code_page_sample, self_test_page

_PROVED: Final = {
    Proof.PROCESS_ID: "the printer confirmed that all of it, cut included, is on paper (GS ( H)",
    Proof.STATUS_IN_ORDER: "the printer had worked off all of it and then reported ready paper (GS r, DLE EOT)",
    Proof.REAL_TIME: "the printer reported ready paper after the time a ticket takes (DLE EOT); it cannot say more",
    Proof.NOTHING: "",
}
_RECORDED: Final = "the bytes stand in the file; a file has no paper"

_REASONS: Final = {
    "printer.paper_out": "it has no paper",
    "printer.cover_open": "its cover is open",
    "printer.unreachable": "it cannot be reached, or the connection broke",
    "printer.silent": "it does not answer",
    "printer.offline": "it is offline",
    "printer.cutter": "its cutter is jammed",
    "printer.error": "it reports a mechanical error",
}


@click.command("print-test")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=Path("config.yaml"),
    help="config.yaml by default; its devices.printer is tested.",
)
@click.option("--printer", help="Another one: host[:port], /dev/usb/lp0, usb:VENDOR:PRODUCT (hex), or 'simulated'.")
@click.option("--profile", type=click.Choice(sorted(PROFILES)), help="What the model can do, for --printer.")
@click.option("--width", type=click.Choice(["80", "58"]), help="Paper width in mm, for --printer.")
@click.option("--code-page", is_flag=True, help="Print a second page with the printer's own Vietnamese letters.")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="PNG of what a simulated one printed.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object: printer, profile, status, outcome, code, proved."
)
def command(
    config: Path,
    printer: str | None,
    profile: str | None,
    width: str | None,
    code_page: bool,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Print the self-test page and say what was proved about it."""
    options = _options(config, printer, profile, width)
    name = getattr(options, "profile", "simulated")
    device = open_printer(options)
    try:
        status = device.status()
        outcome = device.print(self_test_page(device.name, name, options.paper_width_mm))
        if isinstance(device, SimulatedPrinter) and picture is not None and device.tickets():
            picture.write_bytes(device.tickets()[0].png)
    finally:
        device.close()
    proved = _proved(options, outcome)
    if as_json:
        told = {"printer": device.name, "profile": name, "status": status.code, "outcome": outcome.state}
        click.echo(json.dumps(told | {"code": outcome.code, "proved": proved}, ensure_ascii=False))
    else:
        click.echo(f"{device.name} ({options.driver}, {name}, {options.paper_width_mm} mm): {status.code}")
        if status.state is DeviceState.ATTENTION:
            click.echo("The paper is near its end.")
    _raise_unless_printed(device.name, outcome)
    if not as_json:
        click.echo(f"Printed: {proved}.")
        click.echo("Now look at the paper: letters, sizes, both edges, the code, the cut.")
    if code_page:
        _print_code_page(options)


def _options(config: Path, printer: str | None, profile: str | None, width: str | None) -> PrinterOptions:
    if printer is None:
        configured = read_kiosk_settings(config).devices.printer
        if configured is None:
            raise DeviceUnavailable(f"{config} names no printer (devices.printer)")
        return configured
    told = {"profile": profile or "generic", "paper_width_mm": int(width or 80)}
    kind, _, rest = printer.partition(":")
    if printer == "simulated":
        return SimulatedPrinterOptions.model_validate({"paper_width_mm": told["paper_width_mm"]})
    if printer.startswith(("/", "./")):
        return FilePrinterOptions.model_validate({"driver": "file", "path": printer, **told})
    if kind == "usb":
        vendor, _, product = rest.partition(":")
        return UsbPrinterOptions.model_validate(
            {"driver": "usb", "vendor_id": _hex(vendor), "product_id": _hex(product), **told}
        )
    return NetworkPrinterOptions.model_validate({"driver": "network", "host": kind, "port": _port(rest), **told})


def _hex(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        raise click.BadParameter("a USB printer is named usb:VENDOR:PRODUCT, e.g. usb:04b8:0e15") from None


def _port(text: str) -> int:
    if not text:
        return 9100
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise click.BadParameter("a network printer is named host or host:port")
    return int(text)


def _proved(options: PrinterOptions, outcome: PrintOutcome) -> str:
    if outcome.state is not PrintState.PRINTED:
        return ""
    if isinstance(options, SimulatedPrinterOptions):
        return _PROVED[Proof.PROCESS_ID]
    if isinstance(options, FilePrinterOptions) and options.path.is_file():
        return _RECORDED
    return _PROVED[PROFILES[options.profile].proof]


def _raise_unless_printed(name: str, outcome: PrintOutcome) -> None:
    reason = _REASONS.get(outcome.code, outcome.code)
    if outcome.state is PrintState.FAILED:
        raise DeviceUnavailable(f"Nothing was printed on {name}: {reason}.")
    if outcome.state is PrintState.UNSURE:
        raise DeviceTimeout(f"It is not known whether the page came out of {name}: {reason}.")


def _print_code_page(options: PrinterOptions) -> None:
    if isinstance(options, SimulatedPrinterOptions) or PROFILES[options.profile].tcvn3_pages is None:
        raise click.UsageError("this profile has no Vietnamese code page")
    device = open_printer(options.model_copy(update={"code_page": "tcvn3"}))
    try:
        outcome = device.print(code_page_sample())
    finally:
        device.close()
    _raise_unless_printed(device.name, outcome)
    click.echo("Set code_page: tcvn3 only if every letter of the second page is that of the first.")

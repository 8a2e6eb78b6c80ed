"""``tiepdon-kiosk print-test``: print the self-test page and say what was proved."""

import json
from pathlib import Path
from typing import Final

import click
from pydantic import TypeAdapter, ValidationError

from drivers.config import (
    SLOWEST_RASTER_BAUD,
    CupsPrinterOptions,
    FilePrinterOptions,
    PrinterOptions,
    SimulatedPrinterOptions,
)
from drivers.errors import DeviceTimeout, DeviceUnavailable
from drivers.health import DeviceState
from drivers.printer.base import PrintOutcome, PrintState
from drivers.printer.profiles import PROFILES, Proof
from drivers.registry import open_printer, printer_transport
from drivers.simulated.printer import SimulatedPrinter
from kiosk.config import read_kiosk_settings
from kiosk.paper.self_test_page import code_page_sample, self_test_page

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

_ADDRESSES: Final = (
    "HOST[:PORT], usb:VENDOR:PRODUCT (hex), /dev/usb/lp0 or a file's path, serial:/dev/ttyUSB0[:BAUD], cups:QUEUE "
    "or simulated"
)


@click.command("print-test", short_help="Print a page and say what was proved.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("config.yaml"),
    envvar="TIEPDON_CONFIG",
    help="config.yaml by default; its devices.printer is tested.",
)
@click.option("--printer", help=f"Another one: {_ADDRESSES}.")
@click.option("--profile", type=click.Choice(sorted(PROFILES)), help="What the model can do, for --printer.")
@click.option("--width", type=click.Choice(["80", "58"]), help="Paper width in mm, for --printer.")
@click.option("--code-page", is_flag=True, help="Print a second page with the printer's own Vietnamese letters.")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="PNG of what a simulated one printed.")
@click.option("--find", is_flag=True, help="Print nothing: list the printers of this machine.")
@click.option("--probe", is_flag=True, help="Print nothing but odd letters: find out what the printer can prove.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object: printer, profile, status, outcome, code, proved."
)
def command(
    *,
    config: Path,
    printer: str | None,
    profile: str | None,
    width: str | None,
    code_page: bool,
    picture: Path | None,
    find: bool,
    probe: bool,
    as_json: bool,
) -> None:
    """Print the self-test page and say what was proved about it."""
    if find:
        _list_printers(as_json=as_json)
        return
    options = _configured(config) if printer is None else _named(printer, profile, width, by_code_page=code_page)
    if probe:
        _probe(options, as_json=as_json)
        return
    _print_page(options, picture, as_json=as_json)
    if code_page and getattr(options, "code_page", None) is None:
        _print_code_page(options)


def _print_page(options: PrinterOptions, picture: Path | None, *, as_json: bool) -> None:
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
    _stop_unless_printed(device.name, outcome, status.detail)
    if not as_json:
        click.echo(f"Printed: {proved}.")
        click.echo("Now look at the paper: letters, sizes, both edges, the code, the cut.")


def _configured(config: Path) -> PrinterOptions:
    configured = read_kiosk_settings(config).devices.printer
    if configured is None:
        raise DeviceUnavailable(f"{config} names no printer (devices.printer)")
    return configured


def _named(printer: str, profile: str | None, width: str | None, *, by_code_page: bool) -> PrinterOptions:
    told = {"paper_width_mm": int(width or 80)} | _address(printer)
    if printer != "simulated":
        told["profile"] = profile or "generic"
    if by_code_page and isinstance(baud := told.get("baud"), int) and baud < SLOWEST_RASTER_BAUD:
        told["code_page"] = "tcvn3"  # the one page such a line can carry
    try:
        options: PrinterOptions = _ANY_PRINTER.validate_python(told)
    except ValidationError as error:
        mistakes = "; ".join(str(mistake["msg"]).removeprefix("Value error, ") for mistake in error.errors())
        raise click.BadParameter(f"{mistakes}. A printer is named {_ADDRESSES}.", param_hint="--printer") from error
    return options


_ANY_PRINTER: Final[TypeAdapter[PrinterOptions]] = TypeAdapter(PrinterOptions)


def _address(printer: str) -> dict[str, str | int | None]:
    """Return the options an address on the command line stands for, not validated yet."""
    kind, _, rest = printer.partition(":")
    first, _, second = rest.rpartition(":") if ":" in rest else (rest, "", "")
    match kind:
        case "simulated" if not rest:
            return {"driver": "simulated"}
        case "usb":
            return {"driver": "usb", "vendor_id": _hex(first), "product_id": _hex(second)}
        case "serial":
            return {"driver": "serial", "path": first, "baud": int(second) if second.isdecimal() else 115_200}
        case "cups":
            return {"driver": "cups", "queue": rest}
        case _ if printer.startswith(("/", "./")):
            return {"driver": "file", "path": printer}
    return {"driver": "network", "host": kind, "port": rest or 9100}


def _hex(text: str) -> int | None:
    try:
        return int(text, 16)
    except ValueError:
        return None


def _list_printers(*, as_json: bool) -> None:
    from drivers.printer.discovery import find_printers

    found = find_printers()
    if as_json:
        click.echo(json.dumps([{"printer": one.address, "title": one.title} for one in found], ensure_ascii=False))
        return
    for one in found:
        click.echo(f"{one.address}  {one.title}".rstrip())
    if not found:
        click.echo("No printer is plugged into this machine; a network printer is tried with --printer HOST --probe.")


def _probe(options: PrinterOptions, *, as_json: bool) -> None:
    from drivers.printer.discovery import strongest_proof

    if isinstance(options, SimulatedPrinterOptions | CupsPrinterOptions):
        raise click.UsageError(f"the driver {options.driver} has no line of its own to probe")
    proof = strongest_proof(printer_transport(options))
    expected = PROFILES[options.profile].proof
    if as_json:
        click.echo(json.dumps({"proof": proof, "profile": options.profile, "profile_proof": expected}))
        return
    click.echo(f"It answers: {proof}. The profile {options.profile} counts on: {expected}.")
    if list(Proof).index(proof) > list(Proof).index(expected):
        click.echo("Choose a profile that counts on less, or every ticket will be called unsure.")


def _proved(options: PrinterOptions, outcome: PrintOutcome) -> str:
    if outcome.state is not PrintState.PRINTED:
        return ""
    if isinstance(options, SimulatedPrinterOptions):
        return _PROVED[Proof.PROCESS_ID]
    if isinstance(options, FilePrinterOptions) and options.path.is_file():
        return _RECORDED
    return _PROVED[PROFILES[options.profile].proof]


def _stop_unless_printed(name: str, outcome: PrintOutcome, detail: str = "") -> None:
    """Raise unless the page came out; ``detail`` is what was found out about the device before, if anything was."""
    if outcome.state is PrintState.FAILED and detail:
        raise DeviceUnavailable(f"Nothing was printed: {detail.rstrip('.')}.")
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
    _stop_unless_printed(device.name, outcome)
    click.echo("Set code_page: tcvn3 only if every letter of the second page is that of the first.")

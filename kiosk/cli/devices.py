"""``tiepdon-kiosk devices``: what the kiosk is told to use, and what else this machine has."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from drivers.config import DeviceOptions
from drivers.health import DeviceState, DeviceStatus
from kiosk.cli.options import config_option
from kiosk.config import read_kiosk_settings
from kiosk.detection import detected_devices
from kiosk.devices import open_devices

_SETTLE_S: Final = 1.0
"""How long devices that are opened in the background (a camera, the PC/SC watch) may take to say how they are."""


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """One line of the list; ``configured`` tells what config.yaml names from what was merely found."""

    configured: bool
    status: DeviceStatus

    def as_json(self) -> dict[str, object]:
        fields = asdict(self.status)
        return {"configured": self.configured, **fields, "since": self.status.since.isoformat()}


@click.command("devices", short_help="List configured and detected devices.")
@config_option
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object: devices, each with driver, state, since, detail."
)
@click.pass_context
def command(context: click.Context, config: Path, *, as_json: bool) -> None:
    """List each configured and each detected device. Exit status 3 when a configured one cannot be used."""
    options = read_kiosk_settings(config).devices
    listed = [ListedDevice(True, status) for status in _configured(options)]
    listed += [ListedDevice(False, status) for status in detected_devices(datetime.now(UTC))]
    if as_json:
        click.echo(json.dumps({"devices": [one.as_json() for one in listed]}, ensure_ascii=False))
    else:
        for one in listed:
            _print(one)
    missing = [one.status for one in listed if one.configured and one.status.state is DeviceState.UNAVAILABLE]
    if missing:
        names = ", ".join(f"{status.kind.value} ({status.code})" for status in missing)
        click.echo(f"Configured and not usable: {names}.", err=True)
        context.exit(3)


def _configured(options: DeviceOptions) -> Iterator[DeviceStatus]:
    devices = open_devices(options)
    try:
        if devices.reader is not None:
            devices.reader.wait_for_card(_SETTLE_S)
            yield devices.reader.status()
        if devices.scanner is not None:
            devices.scanner.read(_SETTLE_S)
            yield devices.scanner.status()
        if devices.printer is not None:
            yield devices.printer.status()
    finally:
        devices.close()


def _print(device: ListedDevice) -> None:
    status = device.status
    mark = "configured" if device.configured else "detected"
    click.echo(f"{mark:11}{status.kind.value:13}{status.state.value:12}{status.driver:10}{status.name}")
    if status.detail or status.code != "ok":
        click.echo(f"{'':11}{status.code}  {status.detail}".rstrip())

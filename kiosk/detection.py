"""Devices this machine has, whether or not config.yaml names them; looks at what the kernel and PC/SC list."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from drivers.errors import DriverError
from drivers.health import DeviceKind, DeviceState, DeviceStatus


def detected_devices(now: datetime, root: Path = Path("/")) -> Iterator[DeviceStatus]:
    """Yield card readers, cameras, printers and serial scanners; opens none of them. ``root`` is for tests."""
    yield from _card_readers(now)
    yield from _cameras(root)
    yield from _device_nodes(root, "dev/usb/lp*", DeviceKind.PRINTER, "file", "a USB printer's device node")
    yield from _printers_without_node(now)
    for pattern in ("dev/ttyACM*", "dev/ttyUSB*"):
        yield from _device_nodes(root, pattern, DeviceKind.SCANNER, "serial", "a serial port, perhaps a code scanner's")


def _card_readers(now: datetime) -> Iterator[DeviceStatus]:
    from drivers.smartcard.pcsc import list_readers

    try:
        names = list_readers()
    except DriverError as error:
        yield DeviceStatus(
            DeviceKind.CARD_READER, "PC/SC", "pcsc", DeviceState.UNAVAILABLE, now, error.code, str(error)
        )
        return
    for name in names:
        yield DeviceStatus(DeviceKind.CARD_READER, name, "pcsc", DeviceState.READY, now)


def _printers_without_node(now: datetime) -> Iterator[DeviceStatus]:
    """Yield USB printers and CUPS queues by the names ``print-test --printer`` takes."""
    from drivers.printer.discovery import find_printers

    for found in find_printers():
        driver = found.address.partition(":")[0]
        if driver in {"usb", "cups"}:
            yield DeviceStatus(DeviceKind.PRINTER, found.address, driver, DeviceState.READY, now, detail=found.title)


def _cameras(root: Path) -> Iterator[DeviceStatus]:
    for entry in sorted((root / "sys/class/video4linux").glob("video*")):
        title = (entry / "name").read_text(encoding="utf-8", errors="replace").strip()
        node = root / "dev" / entry.name
        if node.exists():
            yield DeviceStatus(
                DeviceKind.SCANNER, f"/dev/{entry.name}", "camera", DeviceState.READY, _since(node), detail=title
            )


def _device_nodes(root: Path, pattern: str, kind: DeviceKind, driver: str, detail: str) -> Iterator[DeviceStatus]:
    for node in sorted(root.glob(pattern)):
        name = "/" + str(node.relative_to(root))
        yield DeviceStatus(kind, name, driver, DeviceState.READY, _since(node), detail=detail)


def _since(node: Path) -> datetime:
    """When the node appeared, which is when the device was plugged in."""
    return datetime.fromtimestamp(node.stat().st_ctime, UTC)

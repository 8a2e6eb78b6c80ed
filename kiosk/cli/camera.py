"""``tiepdon-kiosk camera``: watch a camera for a while and say what it saw and what that cost."""

import json
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click

from drivers.codec.recognise import recognise
from drivers.config import CameraOptions
from drivers.errors import DeviceUnavailable
from drivers.scanner.camera import CameraScanner
from kiosk.cli.options import config_option
from kiosk.config import read_kiosk_settings

_OPENING_S: Final = 10.0  # before the seconds asked for are counted: the worker starts, the camera opens


@dataclass
class Watched:
    """What was seen. ``kinds``: each new code's kind, in order; ``hints``: what the person was told, each once."""

    kinds: list[str] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)
    hints: dict[str, None] = field(default_factory=dict)


@click.command("camera", short_help="Watch the camera and say what it reads.")
@click.option("--seconds", type=click.FloatRange(0.1, 3600), default=10.0, show_default=True)
@click.option("--source", help="A device, file, image sequence or MJPEG address; the configured camera by default.")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object: frames, decodes, delay, CPU.")
@click.option("--mrz", is_flag=True, help="Look for machine readable zones too, as while a passport is asked for.")
def command(seconds: float, source: str | None, config: Path, *, as_json: bool, mrz: bool) -> None:
    """Watch the camera and report frames, codes, delay from sight to reading (in frames) and CPU time.

    Codes are told by their kind only. Exit status 3 when the camera gives no picture.
    """
    scanner = CameraScanner(_options(source, config))
    scanner.look_for_mrz(mrz)
    try:
        _wait_for_picture(scanner)
        frames_before, cpu_before = scanner.report.frames, scanner.report.cpu_ms
        watched = _watch(scanner, seconds)
        report, status = scanner.report, scanner.status()
    finally:
        scanner.close()
    frames = report.frames - frames_before
    result = {
        "source": scanner.name,
        "seconds": seconds,
        "frames": frames,
        "frames_per_s": round(frames / seconds, 1),
        "decodes": len(watched.kinds),
        "kinds": watched.kinds,
        "delay_frames": statistics.median(watched.delays) if watched.delays else None,
        "cpu_ms_per_frame": round((report.cpu_ms - cpu_before) / frames, 2) if frames else None,
        "picture": report.picture.value,
        "hints": list(watched.hints),
        "status": status.code,
    }
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False))
    else:
        for name, value in result.items():
            click.echo(f"{name.replace('_', ' '):18}{', '.join(value) if isinstance(value, list) else value}")


def _options(source: str | None, config: Path) -> CameraOptions:
    if source is not None:
        return CameraOptions(driver="camera", source=source)
    configured = read_kiosk_settings(config).devices.scanner
    if not isinstance(configured, CameraOptions):
        raise click.UsageError("config.yaml names no camera: give --source.")
    return configured


def _wait_for_picture(scanner: CameraScanner) -> None:
    deadline_s = time.monotonic() + _OPENING_S
    while scanner.report.frames == 0:
        if time.monotonic() > deadline_s or scanner.status().code in {"scanner.absent", "scanner.stalled"}:
            raise DeviceUnavailable(f"{scanner.name}: {scanner.status().detail}")
        time.sleep(0.05)


def _watch(scanner: CameraScanner, seconds: float) -> Watched:
    watched = Watched()
    end_s = time.monotonic() + seconds
    while (left_s := end_s - time.monotonic()) > 0:
        scan = scanner.read(min(left_s, 0.1))
        if scan is not None:
            watched.kinds.append(recognise(scan.data).kind.value)
            if scanner.report.delay_frames is not None:
                watched.delays.append(scanner.report.delay_frames)
        if scanner.hint is not None:
            watched.hints[scanner.hint] = None
    return watched

"""A kiosk process that serves one invented person and may kill itself at a named step; run by the test beside it.

Its printer is a file in which each slip is one line, durable before the printer says "printed".
"""

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from drivers.codec.recognise import recognise
from drivers.health import DeviceKind, DeviceState, DeviceStatus
from drivers.printer.base import PrintOutcome, PrintState
from drivers.printer.document import Document, Text
from kiosk.assembly import open_kiosk
from kiosk.config import read_kiosk_settings
from kiosk.conversation.view import ScreenView
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.registration.steps import Step
from kiosk.session import State

PATIENCE_S = 30.0


class PaperFile:
    """A Printer whose paper outlives the process."""

    name = "paper file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def print(self, document: Document) -> PrintOutcome:
        is_copy = any(isinstance(block, Text) and "IN LẠI" in block.text for block in document.blocks)
        with self._path.open("a", encoding="utf-8") as paper:
            paper.write(document.title.removeprefix("ticket ") + (" copy" if is_copy else "") + "\n")
            paper.flush()
            os.fsync(paper.fileno())
        return PrintOutcome(PrintState.PRINTED)

    def status(self) -> DeviceStatus:
        return DeviceStatus(DeviceKind.PRINTER, self.name, "file", DeviceState.READY, datetime.now(UTC))

    def close(self) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    parser.add_argument("paper", type=Path)
    parser.add_argument("--number", help="personal number of the person to serve")
    parser.add_argument("--kill", type=Step, help="die at this step")
    parser.add_argument("--cut", action="store_true", help="cut the server off before the clinic is chosen")
    options = parser.parse_args()

    settled = threading.Event()

    def on_step(step: Step) -> None:
        if step is options.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        if step is Step.SETTLED:
            settled.set()

    settings = read_kiosk_settings(options.config)
    kiosk = open_kiosk(settings, on_step=on_step, devices=Devices(printer=PaperFile(options.paper)))
    kiosk.start()
    wait_for(kiosk, lambda view: view.online and view.out_of_service is None)
    if options.number:
        serve(kiosk, options.number, cut=options.cut)
        assert settled.wait(PATIENCE_S)
        kiosk.cut_server(False)
    json.dump(settle(kiosk), sys.stdout)
    kiosk.close()


def serve(kiosk: Kiosk, number: str, *, cut: bool) -> None:
    """Do what a person does: show the card's code, confirm, choose the first clinic that is open."""
    kiosk.codes.code_seen(recognise(f"{number}||Trần Văn Thử|15081990|Nam|Quỳnh Phụ, Thái Bình|25042021".encode()))
    kiosk.confirm(wait_for(kiosk, lambda view: view.state is State.CONFIRMING).revision)
    view = wait_for(kiosk, lambda view: view.state is State.CHOOSING)
    kiosk.cut_server(cut)
    kiosk.choose(next(one.service for one in view.services if one.open), view.revision)
    wait_for(kiosk, lambda view: view.state is State.TICKET)


def settle(kiosk: Kiosk) -> dict[str, object]:
    """Wait until nothing waits for the server; return what staff would see."""
    deadline = time.monotonic() + PATIENCE_S
    while (status := kiosk.status()) is None or status.backlog.visits or status.backlog.staff_calls:
        assert time.monotonic() < deadline, status
        time.sleep(0.02)
    return {
        "uncertain": {paper.request_key.hex: paper.state for paper in status.uncertain_papers},
        "dead_letters": len(status.dead_letters),
    }


def wait_for(kiosk: Kiosk, is_so: Callable[[ScreenView], bool]) -> ScreenView:
    deadline = time.monotonic() + PATIENCE_S
    view = kiosk.view()
    while not is_so(view):
        left_s = deadline - time.monotonic()
        assert left_s > 0, view
        view = kiosk.wait_for_view(view.revision, left_s)
    return view


if __name__ == "__main__":
    main()

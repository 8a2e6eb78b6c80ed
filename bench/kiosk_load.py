"""Kiosks that register people and print their slips, in a process of their own: the load of ``bench/boards.py``.

Each kiosk has a network printer as it stands in a hospital: the real driver, a TCP connection, and the simulated device
behind it, which prints 150 mm of paper a second. The process has the lowest priority: kiosks are other machines, and
what they compute here must not be taken from the server that is measured.
"""

import http.client
import logging
import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Final
from uuid import UUID

from drivers.printer.base import PrintState
from drivers.printer.escpos_printer import EscposPrinter
from drivers.printer.profiles import PROFILES
from drivers.printer.transport import NetworkTransport
from drivers.simulated.printer_device import PrinterDevice
from drivers.simulated.printer_server import PrinterServer
from kiosk.conversation.ticket import from_answer
from kiosk.paper.ticket_layout import ticket_document
from server.contract.v1 import IDEMPOTENCY_HEADER, EncounterRegistered, RegisterEncounter

KIOSKS: Final = 32
HANG_S: Final = 30.0
KEEP_ALIVE_S: Final = 10.0
"""A connection idle for longer is made anew: the server closes it after 15 s."""

_SPEED_MM_S: Final = 150.0
_LOWEST_PRIORITY: Final = 19
_HOSPITAL: Final = "Bệnh viện đa khoa huyện Yên Bình"

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Pace:
    """How the kiosks work. ``every_s``: at least so long from one person to the next; ``hangs``: one printer does."""

    name: str
    every_s: float = 0.0
    prints: bool = True
    hangs: bool = True


@dataclass(slots=True)
class Work:
    """What the kiosks did. ``answered_s``: when each encounter's answer came, by the machine's monotonic clock."""

    latencies_ms: list[float] = field(default_factory=list)
    answered_s: dict[UUID, float] = field(default_factory=dict)
    printed: int = 0
    not_printed: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def p99_ms(self) -> float:
        return statistics.quantiles(self.latencies_ms, n=100)[98]


class Load:
    """The kiosks at work; ``end`` stops them and returns what they did."""

    def __init__(self, process: multiprocessing.process.BaseProcess, connection: Connection) -> None:
        self._process = process
        self._connection = connection

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def end(self) -> Work:
        """Raises RuntimeError when a kiosk met an error."""
        self._connection.send("stop")
        work: Work = self._connection.recv()
        self._process.join()
        if work.errors:
            raise RuntimeError(f"{len(work.errors)} kiosks failed, the first: {work.errors[0]}")
        return work


@contextmanager
def kiosks_at_work(address: Address, token: str, commands: Sequence[RegisterEncounter], pace: Pace) -> Iterator[Load]:
    """Have the kiosks register ``commands`` while the block runs; they have begun when it does."""
    context = multiprocessing.get_context("spawn")  # the parent has threads
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(address, token, commands, pace, theirs), daemon=True)
    process.start()
    ours.recv()
    try:
        yield Load(process, ours)
    finally:
        if process.is_alive():
            process.kill()
        process.join()


def _run(address: Address, token: str, commands: Sequence[RegisterEncounter], pace: Pace, parent: Connection) -> None:
    os.nice(_LOWEST_PRIORITY)
    logging.disable(logging.WARNING)  # of the printer that hangs
    work, lock, stopped = Work(), threading.Lock(), threading.Event()
    with ExitStack() as stack:
        printers = [_printer(stack, hangs=pace.hangs and n == 0) if pace.prints else None for n in range(KIOSKS)]
        kiosks = [
            threading.Thread(
                target=_work, args=(address, token, commands[n::KIOSKS], n, printers[n], pace, work, lock, stopped)
            )
            for n in range(KIOSKS)
        ]
        parent.send("begun")
        for kiosk in kiosks:
            kiosk.start()
        parent.recv()
        stopped.set()
        for kiosk in kiosks:
            kiosk.join()
    parent.send(work)


def _printer(stack: ExitStack, *, hangs: bool) -> EscposPrinter:
    server = stack.enter_context(PrinterServer(PrinterDevice(speed_mm_s=_SPEED_MM_S)))
    if hangs:
        server.set_fault("hang-in-ticket")
        mending = threading.Timer(HANG_S, server.set_fault, args=(None,))
        mending.start()
        stack.callback(mending.cancel)
    return EscposPrinter(
        NetworkTransport(server.host, server.port), PROFILES["epson-tm-t82"], driver="network", timeout_s=5.0
    )


def _work(
    address: Address, token: str, commands: Sequence[RegisterEncounter], number: int, printer: EscposPrinter | None,
    pace: Pace, work: Work, lock: threading.Lock, stopped: threading.Event,
) -> None:  # fmt: skip
    server = ServerLine(address, token)
    stopped.wait(pace.every_s * number / KIOSKS)
    for command in commands:
        if stopped.is_set():
            return
        began_s = time.monotonic()
        try:
            registered = server.register(command)
        except Exception as error:  # noqa: BLE001 - whatever it was, the parent tells it
            with lock:
                work.errors.append(repr(error))
            return
        answered_s = time.monotonic()
        with lock:
            work.latencies_ms.append((answered_s - began_s) * 1000)
            work.answered_s[registered.encounter_id] = answered_s
        if printer is not None:
            slip = ticket_document(command, from_answer(registered), facility_name=_HOSPITAL, kiosk_name="K")
            is_printed = printer.print(slip).state is PrintState.PRINTED
            with lock:
                work.printed += is_printed
                work.not_printed += not is_printed
        stopped.wait(began_s + pace.every_s - time.monotonic())


class ServerLine:
    """One kiosk's connection to the server."""

    def __init__(self, address: Address, token: str) -> None:
        self._connection = http.client.HTTPConnection(*address, timeout=30)
        self._token = token
        self._used_s = 0.0

    def register(self, command: RegisterEncounter) -> EncounterRegistered:
        """Return the server's answer; raises RuntimeError for any but a registration."""
        if time.monotonic() - self._used_s > KEEP_ALIVE_S:
            self._connection.close()
        self._used_s = time.monotonic()
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._token}",
            IDEMPOTENCY_HEADER: str(command.request_key),
        }
        self._connection.request("POST", "/api/v1/encounters", command.model_dump_json().encode(), headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status not in {200, 201}:
            raise RuntimeError(f"{response.status}: {content.decode()}")
        return EncounterRegistered.model_validate_json(content)

"""What a ticket costs, what a sender says of a printer in trouble, and a thousand tickets under random troubles.

    bench/printing.py [--tickets 1000] [--seed 1]

CPU time of this process; python-escpos sends the same page as one picture, in the same run.
"""

import argparse
import io
import logging
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any, Final
from uuid import UUID

from PIL import Image

from drivers.printer.base import PrintState
from drivers.printer.document import Document
from drivers.printer.escpos import encode
from drivers.printer.escpos_printer import EscposPrinter
from drivers.printer.profiles import PROFILES, Profile
from drivers.printer.transport import NetworkTransport
from drivers.simulated.printer import SimulatedTransport
from drivers.simulated.printer_device import FAULTS, Fault, PrinterDevice
from drivers.simulated.printer_paper import MARGIN_MM
from drivers.simulated.printer_server import PrinterServer
from kiosk.conversation.ticket import IssuedTicket
from kiosk.paper.ticket_layout import ticket_document
from server.contract.v1 import IdentityEvidence, InsuranceClaim, PersonMessage, RegisterEncounter
from server.domain.codes import code_from
from server.domain.identity import IdentityAssurance

_HOSPITAL: Final = "Bệnh viện đa khoa huyện Yên Bình"
_MORNING: Final = datetime(2026, 11, 22, 23, 47, tzinfo=UTC)
_NAMES: Final = ("Nguyễn Thị Hồng Nhung", "Lê An", "Trần Đức Thịnh", "H’Hen Niê", "Phạm Thị Phương Thảo Nguyên")


def slip(number: int, *, reprint: int = 0) -> Document:
    """Return the ticket of an invented patient; each number has a code of its own."""
    command = RegisterEncounter(
        request_key=UUID(int=number),
        visit_code=code_from(number.to_bytes(13, "big")),
        facility="34999",
        service="kham-noi",
        person=PersonMessage(full_name=_NAMES[number % len(_NAMES)], born_on=str(1935 + number % 80)),
        evidence=IdentityEvidence(assurance=IdentityAssurance.QR, method="qr", read_at=_MORNING),
        arrived_at=_MORNING,
        insurance=InsuranceClaim(card_number="DN4010112345678"),
    )
    ticket = IssuedTicket(
        label=f"A{number:03d}",
        number=number,
        queue="noi",
        local_day=date(2026, 11, 23),
        clinic_name="Phòng khám Nội tổng hợp",
        clinic_name_en="General internal medicine",
        room="105",
        floor="1",
        issued_at=_MORNING,
        waiting_before=number % 40,
        visit_code=command.visit_code,
    )
    return ticket_document(command, ticket, facility_name=_HOSPITAL, kiosk_name="K", reprint=reprint)


def picture_of(document: Document, profile: Profile) -> bytes:
    """Return the PNG of ``document`` on a sound printer."""
    device = PrinterDevice()
    data = encode(document, profile, 80)
    while data:
        part, data = data[: device.free_bytes], data[device.free_bytes :]
        device.receive(part)
    [ticket] = device.tickets()
    return ticket.png


# --- a thousand tickets -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """What became of all encounters. ``broken`` holds one sentence for each broken promise."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    whole_unmarked: int = 0
    torn: int = 0
    open_jobs: int = 0
    reprints: int = 0
    broken: list[str] = field(default_factory=list)


class _Run:
    """One morning at one printer: tickets, troubles, and a member of staff who mends it now and then."""

    def __init__(self, profile: Profile, seed: int) -> None:
        self.random = random.Random(seed)
        self.device = PrinterDevice()
        transport = SimulatedTransport(self.device, Lock())
        self.printer = EscposPrinter(transport, profile, driver="simulated")
        self.profile = profile
        self.tally = Tally()
        self.seen = 0
        self.papers: Counter[bytes] = Counter()
        self.torn_codes: Counter[str | None] = Counter()

    def encounter(self, number: int) -> None:
        document = slip(number)
        if self.random.random() < 0.4:
            self._trouble()
        state = self.printer.print(document).state
        if state is PrintState.FAILED and self.random.random() < 0.5:
            # Nothing is on paper: the one case in which the kiosk may print again by itself.
            self._mend()
            state = self.printer.print(document).state
        self.tally.outcomes[state.value] += 1
        if state is not PrintState.PRINTED:
            self._open_job(number, state)
        elif self.random.random() < 0.5:
            self._mend()
        self._collect()
        self._judge(number, document, state)

    def _trouble(self) -> None:
        name = self.random.choice(sorted(FAULTS))
        fault: Fault = FAULTS[name]
        if fault.after_dots:
            fault = replace(fault, after_dots=self.random.randrange(1, 1200))
        if fault.after_bytes:
            fault = replace(fault, after_bytes=self.random.randrange(30, 20_000))
        self.device.set_fault(fault)
        self.tally.faults[name] += 1

    def _open_job(self, number: int, state: PrintState) -> None:
        """Staff see the job, mend the printer, and for an unsure one hand out a marked copy."""
        self.tally.open_jobs += 1
        self._mend()
        if state is PrintState.UNSURE and self.random.random() < 0.5:
            self.printer.print(slip(number, reprint=1))
            self.tally.reprints += 1

    def _mend(self) -> None:
        self.device.set_fault(None)
        for _ in range(20):
            self.device.work(1.0)

    def _collect(self) -> None:
        fallen = self.device.pieces - self.seen
        self.seen = self.device.pieces
        for ticket in self.device.tickets()[:fallen]:
            if ticket.whole:
                self.papers[ticket.png] += 1
            else:
                self.tally.torn += 1

    def _judge(self, number: int, document: Document, state: PrintState) -> None:
        found = self.papers[picture_of(document, self.profile)]
        self.tally.whole_unmarked += found
        if state is PrintState.PRINTED and found != 1:
            self.tally.broken.append(f"ticket {number} was called printed, {found} whole ones came out")
        if state is PrintState.FAILED and found != 0:
            self.tally.broken.append(f"ticket {number} was called failed and came out")
        if found > 1:
            self.tally.broken.append(f"ticket {number} came out {found} times unmarked")


def run_under_troubles(tickets: int, seed: int, profile: Profile) -> Tally:
    """Print ``tickets`` tickets at a printer that gets into trouble at random; each trouble is a fault of FAULTS."""
    run = _Run(profile, seed)
    for number in range(1, tickets + 1):
        run.encounter(number)
    run.tally.broken += [f"unknown bytes: {violation}" for violation in run.device.violations]
    return run.tally


# --- the cost of one ticket ---------------------------------------------------------------------------------------


def cpu_ms(action: Callable[[int], object], repeat: int = 60) -> tuple[float, float]:
    """Return median and 95th percentile of the CPU time of ``action(i)``, in ms; the first call is not counted."""
    action(0)
    spent = []
    for number in range(1, repeat + 1):
        began = time.process_time()
        action(number)
        spent.append((time.process_time() - began) * 1000)
    return statistics.median(spent), statistics.quantiles(spent, n=20)[18]


def as_one_picture(page: Image.Image) -> bytes:
    """Return the page as python-escpos sends a picture."""
    from escpos.printer import Dummy

    printer: Any = Dummy(profile="TM-T20II")
    printer.hw("INIT")
    printer.image(page)
    printer.cut()
    return bytes(printer.output)


def page_of(number: int) -> Image.Image:
    slip_picture = Image.open(io.BytesIO(picture_of(slip(number), PROFILES["generic"])))
    margin = MARGIN_MM * 8
    return slip_picture.crop((margin, margin, slip_picture.width - margin, slip_picture.height - margin))


def print_cost() -> None:
    print("one ticket, 80 mm                         bytes    CPU ms median / p95    at 115200 baud")
    began = time.process_time()
    encode(slip(0), PROFILES["generic"], 80)
    cold_ms = (time.process_time() - began) * 1000
    pages = [page_of(number) for number in range(8)]
    rows: tuple[tuple[str, Callable[[int], bytes]], ...] = (
        ("ours: strips, native number and QR", lambda n: encode(slip(n), PROFILES["generic"], 80)),
        ("ours, QR and number drawn as well", lambda n: encode(slip(n), _DRAWN, 80)),
        ("ours by code page TCVN-3", lambda n: encode(slip(n), PROFILES["epson-tm-t82"], 80, by_code_page=True)),
        ("python-escpos: the page as one picture", lambda n: as_one_picture(pages[n % 8])),
    )
    sizes = []
    for name, action in rows:
        median, p95 = cpu_ms(action)
        size = max(len(action(n)) for n in range(20))
        sizes.append(size)
        print(f"{name:40} {size:7}    {median:6.1f} / {p95:4.1f}          {size * 10 / 115_200:5.1f} s")
    print(f"first ticket of a process (imports, fonts, glyphs): {cold_ms:.0f} ms CPU")
    print(f"one picture costs {sizes[-1] / sizes[0]:.1f} times our bytes")


_DRAWN: Final = Profile("drawn", "", native_qr=False, native_number=False)


# --- what a sender says -------------------------------------------------------------------------------------------


def _by_python_escpos(port: int, *, asks: bool) -> bool:
    """Return whether the ticket is taken for printed: no exception, and with ``asks`` paper left afterwards."""
    from escpos.printer import Network

    printer: Any = Network("127.0.0.1", port, timeout=1, profile="TM-T20II")
    try:
        printer.open()
        printer.image(page_of(1), fragment_height=24)
        printer.cut()
        return not asks or printer.paper_status() > 0
    except Exception:  # noqa: BLE001 - it raises errors of many kinds; each means that it noticed
        return False
    finally:
        printer.close()


def _by_us(port: int) -> bool:
    printer = EscposPrinter(
        NetworkTransport("127.0.0.1", port), PROFILES["epson-tm-t20"], driver="network", timeout_s=3.0
    )
    return printer.print(slip(1)).state is PrintState.PRINTED


_SENDERS: Final[dict[str, Callable[[int], bool]]] = {
    "python-escpos": lambda port: _by_python_escpos(port, asks=False),
    "and paper_status": lambda port: _by_python_escpos(port, asks=True),
    "ours": _by_us,
}


def print_honesty() -> None:
    """One ticket into each fault: what the sender believes, and in brackets when the paper says otherwise."""
    print(f"{'fault':24}" + "".join(f"{name:26}" for name in _SENDERS))
    wrong = Counter[str]()
    for fault in FAULTS:
        line = f"{fault:24}"
        for name, send in _SENDERS.items():
            said, came_out = _try(fault, send)
            wrong[name] += said and not came_out
            word = "printed" if said else "not sure"
            line += f"{word + (' (nothing whole)' if said and not came_out else ''):26}"
        print(line.rstrip())
    print("called printed, and no whole ticket came out: " + ", ".join(f"{name} {wrong[name]}" for name in _SENDERS))


def _try(fault: str, send: Callable[[int], bool]) -> tuple[bool, bool]:
    with PrinterServer(PrinterDevice()) as server:
        server.set_fault(fault)
        server.settle()
        said = send(server.port)
        if FAULTS[fault].speed_mm_s:
            server.set_fault(None)  # a slow printer comes to its end some time
        server.settle()
        return said, any(ticket.whole for ticket in server.tickets())


def print_campaign(tickets: int, seed: int) -> None:
    for number, name in enumerate(("epson-tm-t82", "generic")):
        tally = run_under_troubles(tickets, seed + number, PROFILES[name])
        outcomes = ", ".join(f"{count} {state}" for state, count in tally.outcomes.most_common())
        print(
            f"{name}: {tickets} encounters, {sum(tally.faults.values())} troubles of {len(tally.faults)} kinds: "
            f"{outcomes}; {tally.whole_unmarked} whole unmarked tickets, {tally.open_jobs} jobs open for "
            f"staff, {tally.reprints} marked copies, {tally.torn} torn pieces; broken promises: {len(tally.broken)}"
        )
        for sentence in tally.broken[:10]:
            print(f"  {sentence}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.disable(logging.ERROR)
    print_cost()
    print()
    print_honesty()
    print()
    print_campaign(arguments.tickets, arguments.seed)


if __name__ == "__main__":
    main()

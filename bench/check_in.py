"""What software adds to a check-in, from a card on the reader to the last byte of its ticket; what both programs weigh.

    bench/check_in.py [--rounds 20]

A real server process on SQLite, a kiosk in this process with simulated devices at byte level, fingers that need no
time. "Chip alone" is the number of exchanges times their latency: no software can be faster.
"""

import argparse
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import urllib3

from drivers.config import SimulatedPrinterOptions, SimulatedReaderOptions
from drivers.icao9303.passwords import passwords_from_card
from drivers.icao9303.reader import ReadOptions, read_chip
from drivers.simulated.people import get_person
from drivers.simulated.printer import SimulatedPrinter
from drivers.simulated.reader import SimulatedCardReader
from kiosk.assembly import open_kiosk
from kiosk.config import KioskSettings, read_kiosk_settings
from kiosk.conversation.view import ScreenView
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.registration.steps import Step
from kiosk.session import State
from server.config import load_settings

BIN: Final = Path(sys.executable).parent
PATIENCE_S: Final = 60.0
CARD: Final = "duc"
CAN: Final = "123456"
LATENCIES_MS: Final = (0.0, 15.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="tiepdon-bench-") as folder, running_server(Path(folder)) as settings:
        for latency_ms in LATENCIES_MS:
            report_check_ins(settings, latency_ms, rounds)
        report_growth(settings, rounds)
    with tempfile.TemporaryDirectory(prefix="tiepdon-bench-") as folder:
        config = Path(folder) / "config.yaml"
        with running_server(Path(folder)) as settings:
            report_memory("tiepdon-kiosk", config, f"http://{settings.kiosk.bind}/healthz")
        report_memory("tiepdon-server", config, f"http://{load_settings(config).server.bind}/readyz")


@dataclass
class Marks:
    """When each thing happened since the card was put down, in milliseconds, round by round."""

    rounds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    began: float = 0.0

    def begin(self) -> None:
        self.began = time.perf_counter()

    def mark(self, name: str) -> None:
        self.rounds[name].append((time.perf_counter() - self.began) * 1000)


def report_check_ins(settings: KioskSettings, latency_ms: float, rounds: int) -> None:
    marks = Marks()
    reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=latency_ms))
    devices = Devices(reader=reader, printer=SimulatedPrinter(SimulatedPrinterOptions()))
    names = {Step.RECORDED: "visit in the journal", Step.NUMBERED: "number from the server", Step.PRINTED: "ticket out"}

    def on_step(step: Step) -> None:
        if step in names:
            marks.mark(names[step])

    kiosk = open_kiosk(settings, devices=devices, on_step=on_step)
    kiosk.start()
    wait_for(kiosk, lambda view: view.online and view.out_of_service is None)
    try:
        for _ in range(rounds):
            marks.begin()
            reader.insert(CARD)
            kiosk.enter_number(CAN, wait_for(kiosk, in_state(State.ASKING_NUMBER)).revision)
            view = wait_for(kiosk, in_state(State.CONFIRMING))
            marks.mark("person on the screen")
            view = wait_for(kiosk, lambda view: view.person is not None and not view.person.proving)
            marks.mark("chip proved")
            finish(kiosk, view)
            see_everybody(settings)
            reader.remove()
            wait_for(kiosk, lambda view: not view.card_present)
    finally:
        kiosk.close()
    floors = floors_ms(latency_ms)
    print(f"\ncheck-in by card, {latency_ms:g} ms an exchange, {rounds} rounds, ms since the card was put down")
    print(f"  {'':24}{'median':>8}{'90 %':>8}{'chip alone':>12}{'ratio':>7}")
    for name, values in marks.rounds.items():
        median, floor = statistics.median(values), floors.get(name, 0.0)
        ratio = f"{median / floor:7.2f}" if floor else ""
        floor_text = f"{floor:12.0f}" if floor else ""
        print(f"  {name:24}{median:8.0f}{statistics.quantiles(values, n=10)[-1]:8.0f}{floor_text}{ratio}")


def floors_ms(latency_ms: float) -> dict[str, float]:
    """Return what the exchanges alone cost until the chip is proved; empty without latency."""
    if not latency_ms:
        return {}
    person = get_person(CARD)
    assert person.personal_number is not None
    passwords = passwords_from_card(person.personal_number, today=person.issued_on)
    reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=0))
    reader.insert(CARD)
    reader.wait_for_card(1.0)
    connection = reader.connect()
    reading = read_chip(connection, passwords, options=ReadOptions(photo=False))
    connection.close()
    reader.close()
    return {"chip proved": reading.apdus * latency_ms}


def finish(kiosk: Kiosk, view: ScreenView) -> None:
    """Confirm, choose the first open clinic, wait for the paper, leave."""
    kiosk.confirm(view.revision)
    view = wait_for(kiosk, in_state(State.CHOOSING))
    kiosk.choose(next(one.service for one in view.services if one.open), view.revision)
    view = wait_for(kiosk, lambda view: view.ticket is not None and view.ticket.printing != "printing")
    assert view.ticket is not None
    assert view.ticket.printing == "printed", view.ticket
    kiosk.start_over(view.revision)


def see_everybody(settings: KioskSettings) -> None:
    """End the visit at the server, outside the clock: the same person gets another number in the next round."""
    path = settings.kiosk.data_dir.parent / "server" / "tiepdon.db"
    with closing(sqlite3.connect(path, timeout=PATIENCE_S)) as database, database:
        database.execute("UPDATE ticket SET status = 'done' WHERE superseded_at IS NULL")


def report_growth(settings: KioskSettings, rounds: int) -> None:
    """Memory of this process before and after many check-ins: what grows is a leak."""
    reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=0))
    kiosk = open_kiosk(settings, devices=Devices(reader=reader, printer=SimulatedPrinter(SimulatedPrinterOptions())))
    kiosk.start()
    wait_for(kiosk, lambda view: view.online and view.out_of_service is None)
    sizes = []
    try:
        for _ in range(4):
            for _ in range(rounds):
                reader.insert(CARD)
                kiosk.enter_number(CAN, wait_for(kiosk, in_state(State.ASKING_NUMBER)).revision)
                finish(kiosk, wait_for(kiosk, in_state(State.CONFIRMING)))
                see_everybody(settings)
                reader.remove()
                wait_for(kiosk, lambda view: not view.card_present)
            sizes.append(resident_mb(os.getpid()))
    finally:
        kiosk.close()
    print(
        f"\nmemory of this process after each {rounds} check-ins: " + ", ".join(f"{size:.1f}" for size in sizes) + " MB"
    )
    print("  (the simulated printer keeps its last 50 slips as pictures)")


def report_memory(program: str, config: Path, health: str) -> None:
    """Memory of a program as it is installed, shared pages counted once."""
    with subprocess.Popen([BIN / program, "run", "--config", config], stderr=subprocess.DEVNULL) as service:
        wait_until_ready(health)
        for _ in range(50):
            urllib3.request("GET", urllib.parse.urljoin(health, "/"), retries=False)
        pids = [service.pid, *children_of(service.pid)]
        sizes = [proportional_mb(pid) for pid in pids]
        print(f"\nmemory of {program} run, idle: {sum(sizes):.0f} MB in {len(pids)} processes (PSS)")
        service.terminate()


def in_state(state: State) -> Callable[[ScreenView], bool]:
    return lambda view: view.state is state


def wait_for(kiosk: Kiosk, is_so: Callable[[ScreenView], bool]) -> ScreenView:
    deadline = time.monotonic() + PATIENCE_S
    view = kiosk.view()
    while not is_so(view):
        left_s = deadline - time.monotonic()
        assert left_s > 0, view
        view = kiosk.wait_for_view(view.revision, left_s)
    return view


@contextmanager
def running_server(root: Path) -> Iterator[KioskSettings]:
    port, kiosk_port = free_port(), free_port()
    config = root / "config.yaml"
    config.write_text(
        f"server: {{bind: '127.0.0.1:{port}', data_dir: {root}/server,"
        f" database_url: 'sqlite:///{root}/server/tiepdon.db', workers: 1}}\n"
        f"kiosk: {{bind: '127.0.0.1:{kiosk_port}', data_dir: {root}/kiosk, server_url: 'http://127.0.0.1:{port}',"
        " free_space_mb: 10}\n"
    )
    (root / "kiosk").mkdir(mode=0o700)
    enrol = ["kiosk", "enrol", "--facility", "34999", "--name", "Bench", "--letter", "Z"]
    token = str(root / "kiosk" / "device.token")
    for words in (["migrate"], ["demo"], [*enrol, "--token-file", token]):
        subprocess.run([BIN / "tiepdon-server", *words, "--config", config], check=True, capture_output=True)
    command = [str(BIN / "tiepdon-server"), "run", "--config", str(config)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            wait_until_ready(f"http://127.0.0.1:{port}/readyz")
            yield read_kiosk_settings(config)
        finally:
            server.terminate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if urllib3.request("GET", address, timeout=2.0, retries=False).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident_mb(pid: int) -> float:
    return _memory_mb(Path(f"/proc/{pid}/status"), "VmRSS:")


def proportional_mb(pid: int) -> float:
    return _memory_mb(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _memory_mb(path: Path, name: str) -> float:
    line = next(line for line in path.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()

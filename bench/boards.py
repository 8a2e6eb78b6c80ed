"""What open pages cost while nothing happens, and how fast board and reception answer while 32 kiosks register.

    bench/boards.py [--idle-s 60] [--busy-s 40] [--databases sqlite postgresql]

A real gunicorn with two workers. Idle: 50 boards and 30 desks listen, and every board looks twice a minute, as its page
does. Busy: two boards and four desks listen and fetch what their pages would; each of 32 kiosks registers a person,
waits for the paper and registers the next, and one printer hangs for 30 s; then the same without paper, every kiosk as
fast as it is answered. The kiosks are a process of lower priority, as they are other machines in a hospital; of their
printers the server sees nothing but the pause.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.registrations import cpu_s, prepared, register_all, serving, todays_commands  # noqa: E402 - found from there
from server.accounts.roles import Role  # noqa: E402 - as above
from server.accounts.service import add_user  # noqa: E402 - as above
from server.contract.v1 import IDEMPOTENCY_HEADER, RegisterEncounter  # noqa: E402 - as above
from server.db import Database  # noqa: E402 - as above
from server.demo import FACILITY  # noqa: E402 - as above
from tests.support.postgres import private_postgres  # noqa: E402 - as above

BOARDS: Final = 50
DESKS: Final = 30
KIOSKS: Final = 32
MORNING: Final = 300
"""Arrivals that are there already: what a board counts and a desk lists."""

PAPER_S: Final = 2.0
HANG_S: Final = 30.0
KEEP_ALIVE_S: Final = 10.0
"""A connection idle for longer is made anew: the server closes it after 15 s."""

BOARD_LOOKS_EVERY_S: Final = 30.0  # static/server/board.js
DESK_GATHERS_S: Final = 0.2  # static/server/live.js
PROBE_EVERY_S: Final = 0.1
_USERNAME: Final = "tieptan.do"
_PASSWORD: Final = "cau-tuong-rong-rai-88"

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Work:
    """What the kiosks did."""

    registered: int
    p99_ms: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idle-s", type=float, default=60.0)
    parser.add_argument("--busy-s", type=float, default=40.0)
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    for kind in arguments.databases:
        with ExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tiepdon-bench-")))
            cluster = stack.enter_context(private_postgres(durable=True)) if kind == "postgresql" else None
            url = cluster.create_database() if cluster else f"sqlite:///{directory / 'served'}.db"
            commands = todays_commands(MORNING + int(arguments.busy_s * 400))
            database, token = prepared(url, directory / "data", MORNING)
            stack.callback(database.close)
            add_receptionist(database)
            address, pid = stack.enter_context(serving(database, directory))
            register_all(address, token, commands[:MORNING], 8)
            cookie = sign_in(address)
            print(f"{kind}: {MORNING} arrivals today, 2 workers, {os.cpu_count()} cores")
            report_idle(address, cookie, pid, arguments.idle_s)
            half = MORNING + int(arguments.busy_s * 100)
            for name, some, prints in (
                ("32 kiosks, one printer hangs", commands[MORNING:half], True),
                ("32 kiosks without paper", commands[half:], False),
            ):
                report_busy(name, address, cookie, token, some, arguments.busy_s, prints=prints)
            print()
    return 0


def report_idle(address: Address, cookie: str, pid: int, seconds: float) -> None:
    alone = cpu_share(pid, seconds)
    with open_pages(address, cookie, BOARDS, DESKS) as pages:
        time.sleep(5)  # all have fetched what a page fetches when it opens
        listening = cpu_share(pid, seconds)
        beats = sum(page.beats for page in pages)
    print(f"  idle: {BOARDS} boards and {DESKS} desks, {beats} heartbeats: {listening:.3f} of a core ", end="")
    print(f"(without them {alone:.3f})", flush=True)


def cpu_share(pid: int, seconds: float) -> float:
    """Return which part of one core a process and its children use."""
    before_s, began_s = cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_s(pid) - before_s) / (time.monotonic() - began_s)


def report_busy(
    name: str, address: Address, cookie: str, token: str, commands: Sequence[RegisterEncounter], seconds: float, *,
    prints: bool,
) -> None:  # fmt: skip
    context = multiprocessing.get_context("spawn")  # this process has threads
    ours, theirs = context.Pipe()
    kiosks = context.Process(target=run_kiosks, args=(address, token, commands, prints, theirs))
    kiosks.start()
    ours.recv()  # they have begun
    with open_pages(address, cookie, 2, 4):
        probes = [
            Probe(address, "board", "/board/all/state", cookie),
            Probe(address, "reception, whole page", "/reception", cookie),
            Probe(address, "reception, list", "/reception/search", cookie, form={"text": ""}),
        ]
        time.sleep(seconds)
        ours.send("stop")
        for probe in probes:
            probe.stop()
    work: Work = ours.recv()
    kiosks.join()
    print(f"  {name}: {work.registered / seconds:.0f} registrations/s, p99 {work.p99_ms:.0f} ms; p50 / p99 ms of")
    for probe in probes:
        found = probe.latencies_ms
        print(f"    {probe.name:<22} {statistics.median(found):>6.0f} / {statistics.quantiles(found, n=100)[98]:.0f}")
    sys.stdout.flush()


class Probe:
    """Somebody who looks at one page again and again, and how long each look took."""

    def __init__(self, address: Address, name: str, path: str, cookie: str, form: dict[str, str] | None = None) -> None:
        self.name = name
        self.latencies_ms: list[float] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(address, path, cookie, form))
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self, address: Address, path: str, cookie: str, form: dict[str, str] | None) -> None:
        browser = Browser(address, cookie)
        while not self._stopped.wait(PROBE_EVERY_S):
            began_s = time.monotonic()
            browser.post(path, form) if form is not None else browser.get(path)
            self.latencies_ms.append((time.monotonic() - began_s) * 1000)


class Browser:
    """One connection of a person who may be signed in."""

    def __init__(self, address: Address, cookie: str = "") -> None:
        self._page = "/reception" if cookie else "/sign-in"
        self._connection = http.client.HTTPConnection(*address, timeout=60)
        self.cookie = cookie
        self._used_s = time.monotonic()
        self._csrf_token = ""

    def get(self, path: str) -> str:
        return self._ask("GET", path, None, {})

    def post(self, path: str, form: dict[str, str]) -> str:
        if not self._csrf_token:
            [self._csrf_token] = set(re.findall(r'name="csrf_token" value="([0-9a-f]{64})"', self.get(self._page)))
        body = urlencode({"csrf_token": self._csrf_token, **form})
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", "X-Fragment": "1"})

    def listen(self, path: str) -> http.client.HTTPResponse:
        self._connection.request("GET", path, headers={"Cookie": self.cookie, "Accept": "text/event-stream"})
        response = self._connection.getresponse()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status}")
        return response

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> str:
        if time.monotonic() - self._used_s > KEEP_ALIVE_S:
            self._connection.close()
        self._used_s = time.monotonic()
        self._connection.request(method, path, body, {"Cookie": self.cookie, **headers})
        response = self._connection.getresponse()
        text = response.read().decode()
        if response.status not in {200, 303}:
            raise RuntimeError(f"{path}: {response.status}\n{text[:500]}")
        if cookie := response.getheader("Set-Cookie"):
            self.cookie = cookie.partition(";")[0]
        return text


class Page:
    """A board or a desk: listens, and fetches what its script would."""

    def __init__(self, address: Address, cookie: str, *, is_board: bool) -> None:
        self.beats = 0
        self._browser = Browser(address, cookie)
        self._is_board = is_board
        self._gathered: set[str] = set()
        self._has_news = threading.Event()
        self._closed = threading.Event()
        self._response = Browser(address, cookie).listen("/board/all/stream" if is_board else "/reception/stream")
        self._threads = [threading.Thread(target=self._listen), threading.Thread(target=self._fetch)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._closed.set()
        self._has_news.set()
        for thread in self._threads:
            thread.join()
        self._response.close()

    def _listen(self) -> None:
        event = ""
        while not self._closed.is_set():  # the server speaks every few seconds
            line = self._response.readline().decode().rstrip("\n")
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
                self.beats += event == "heartbeat"
            elif line.startswith("data: ") and event == "changed":
                self._gathered.add(json.loads(line.removeprefix("data: "))["subject"])
                self._has_news.set()

    def _fetch(self) -> None:
        while not self._closed.is_set():
            is_news = self._has_news.wait(BOARD_LOOKS_EVERY_S if self._is_board else None)
            if self._closed.is_set():
                return
            if self._is_board:
                self._has_news.clear()
                self._browser.get("/board/all/state")
            elif is_news:
                time.sleep(DESK_GATHERS_S)
                self._has_news.clear()
                changed, self._gathered = self._gathered, set()
                self._browser.get(f"/reception/rows?{urlencode([('id', one) for one in changed])}")


@contextmanager
def open_pages(address: Address, cookie: str, boards: int, desks: int) -> Iterator[list[Page]]:
    pages = [Page(address, cookie, is_board=n < boards) for n in range(boards + desks)]
    try:
        yield pages
    finally:
        for page in pages:
            page.close()


def run_kiosks(
    address: Address, token: str, commands: Sequence[RegisterEncounter], prints: bool, parent: Connection
) -> None:
    """Register, wait for the paper, and begin again, until the parent says stop; then tell it what was done."""
    os.nice(10)
    stopped, latencies_ms = threading.Event(), list[float]()

    def run(number: int) -> None:
        connection = http.client.HTTPConnection(*address, timeout=30)
        hangs_until_s = time.monotonic() + HANG_S if prints and number == 0 else 0.0
        stopped.wait(PAPER_S * number / KIOSKS if prints else 0.0)
        for command in commands[number::KIOSKS]:
            if stopped.is_set():
                return
            began_s = time.monotonic()
            register(connection, token, command)
            latencies_ms.append((time.monotonic() - began_s) * 1000)
            stopped.wait(max(PAPER_S, hangs_until_s - time.monotonic()) if prints else 0.0)

    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(KIOSKS)]
    parent.send("begun")
    for thread in threads:
        thread.start()
    parent.recv()
    stopped.set()
    for thread in threads:
        thread.join()
    parent.send(Work(len(latencies_ms), statistics.quantiles(latencies_ms, n=100)[98]))


def register(connection: http.client.HTTPConnection, token: str, command: RegisterEncounter) -> None:
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {token}",
        IDEMPOTENCY_HEADER: str(command.request_key),
    }
    connection.request("POST", "/api/v1/encounters", command.model_dump_json().encode(), headers)
    response = connection.getresponse()
    content = response.read()
    if response.status not in {200, 201}:
        raise RuntimeError(f"{response.status}: {content.decode()}")


def add_receptionist(database: Database) -> None:
    with database.begin() as session:
        add_user(
            session, username=_USERNAME, full_name="Nguyễn Thị Đo", role=Role.RECEPTION, password=_PASSWORD,
            facility=FACILITY, now=datetime.now(UTC),
        )  # fmt: skip


def sign_in(address: Address) -> str:
    """Return the cookie of a receptionist's session."""
    browser = Browser(address)
    browser.post("/sign-in", {"username": _USERNAME, "password": _PASSWORD})
    return browser.cookie


if __name__ == "__main__":
    sys.exit(main())

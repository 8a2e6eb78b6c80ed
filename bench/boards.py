"""What open pages cost while nothing happens, and how fast board and reception answer while 32 kiosks register.

    bench/boards.py [--idle-s 60] [--busy-s 35] [--databases sqlite postgresql] [--paces rush paper flat-out]

A real gunicorn with two workers. Idle: 50 boards and 30 desks listen, and every board looks twice a minute, as its page
does. Busy: two boards and four desks listen and fetch what their pages would, and four people look again and again: at
a board, at the list by opening it, at the list by its filter, at the list by a name. The kiosks work at three paces:

* rush: each of the 32 takes a person every 20 s. Together 1.6 a second, seven times eight hundred people in an hour
* paper: each prints the slip on its own network printer before the next person. No hospital is that quick
* flat-out: without paper, the next person as soon as the server has answered

In the first two one printer hangs for 30 s in the middle of a slip. The kiosks are other machines in a hospital: here
they are one process of the lowest priority (``bench/kiosk_load.py``). ``hints`` is the time from a kiosk's answer to
the hint at a desk; the server looks for changes twice a second. The cores used tell whether anybody else was at work
on the machine, whose turns the server would have had.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.kiosk_load import HANG_S, KEEP_ALIVE_S, KIOSKS, Address, Pace, kiosks_at_work  # noqa: E402 - found from there
from bench.registrations import (  # noqa: E402 - found from there
    cpu_s,
    postmaster_pid,
    prepared,
    serving,
    todays_commands,
)
from bench.registrations_kiosks import register_all  # noqa: E402 - as above
from server.accounts.roles import Role  # noqa: E402 - as above
from server.accounts.service import add_user  # noqa: E402 - as above
from server.contract.v1 import RegisterEncounter  # noqa: E402 - as above
from server.db import Database  # noqa: E402 - as above
from server.demo.seeding import FACILITY  # noqa: E402 - as above
from tests.support.postgres import private_postgres  # noqa: E402 - as above

BOARDS: Final = 50
DESKS: Final = 30
MORNING: Final = 300
"""Arrivals that are there already: what a board counts and a desk lists."""

BOARD_LOOKS_EVERY_S: Final = 30.0  # static/server/board.js
DESK_GATHERS_S: Final = 0.2  # static/server/live.js
MANY_ROWS: Final = 50  # static/server/arrivals.js
TRY_AGAIN_S: Final = 2.0
PROBE_EVERY_S: Final = 0.1
_USERNAME: Final = "tieptan.do"
_PASSWORD: Final = "cau-tuong-rong-rai-88"


PACES: Final = {
    "rush": Pace("rush, one printer hangs", every_s=20.0),
    "paper": Pace("paper, one printer hangs"),
    "flat-out": Pace("flat-out, without paper", prints=False),
}
_MOST_PER_S: Final = {"rush": 2, "paper": 60, "flat-out": 500}
"""How many registrations a pace can need, more than any machine here has done."""

_FLAT_OUT_S: Final = 15.0  # nothing hangs meanwhile, and a day has no ten thousand arrivals


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idle-s", type=float, default=60.0)
    parser.add_argument("--busy-s", type=float, default=HANG_S + 5)
    parser.add_argument("--paces", nargs="+", choices=list(PACES), default=list(PACES))
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    for kind in arguments.databases:
        with ExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tiepdon-bench-")))
            cluster = stack.enter_context(private_postgres(durable=True)) if kind == "postgresql" else None
            url = cluster.create_database() if cluster else f"sqlite:///{directory / 'served'}.db"
            lasts_s = dict.fromkeys(arguments.paces, arguments.busy_s)
            if "flat-out" in lasts_s:
                lasts_s["flat-out"] = min(arguments.busy_s, _FLAT_OUT_S)
            needed = {name: int(seconds * _MOST_PER_S[name]) + 2 * KIOSKS for name, seconds in lasts_s.items()}
            commands = todays_commands(MORNING + sum(needed.values()))
            database, token = prepared(url, directory / "data", MORNING)
            stack.callback(database.close)
            add_receptionist(database)
            address, pid = stack.enter_context(serving(database, directory))
            pids = {"server": pid} | ({"database": postmaster_pid(database)} if cluster else {})
            register_all(address, token, commands[:MORNING], 8)
            cookie = sign_in(address)
            print(f"{kind}: {MORNING} arrivals today, 2 workers, {os.cpu_count()} cores")
            report_idle(address, cookie, pid, arguments.idle_s)
            begins = MORNING
            for name, count in needed.items():
                some = commands[begins : begins + count]
                report_busy(PACES[name], address, cookie, token, some, lasts_s[name], pids)
                begins += count
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
    pace: Pace, address: Address, cookie: str, token: str, commands: Sequence[RegisterEncounter], seconds: float,
    pids: Mapping[str, int],
) -> None:  # fmt: skip
    with (
        open_pages(address, cookie, 2, 4) as pages,
        kiosks_at_work(address, token, commands, pace) as load,
        probing(address, cookie) as probes,
    ):
        cores = cores_used({**pids, "kiosks": load.pid}, seconds)
        work = load.end()
    papers = f", {work.printed} slips and {work.not_printed} unproved" if pace.prints else ""
    rate = len(work.latencies_ms) / seconds
    print(f"  {pace.name}: {rate:.1f} registrations/s, p99 {work.p99_ms:.0f} ms{papers}")
    print(f"    cores used: {', '.join(f'{name} {used:.2f}' for name, used in cores.items())}; p50 / p99 ms of")
    heard_ms = [
        (heard_s - work.answered_s[UUID(subject)]) * 1000
        for page in pages
        for subject, heard_s in page.heard_s.items()
        if UUID(subject) in work.answered_s
    ]
    for name, found in [*((probe.name, probe.latencies_ms) for probe in probes), ("hints", heard_ms)]:
        p50, p99 = statistics.median(found), statistics.quantiles(found, n=100)[98]
        print(f"    {name:<22} {p50:>6.0f} / {p99:<6.0f} of {len(found)}")
    sys.stdout.flush()


def cores_used(pids: Mapping[str, int], seconds: float) -> dict[str, float]:
    """Return how many cores some processes and their children use, and what all others on the machine do."""

    def spent_s() -> dict[str, float]:
        ours = {name: cpu_s(pid) for name, pid in pids.items()}
        return {**ours, "open pages": time.process_time(), "all": busy_s()}

    before_s, began_s = spent_s(), time.monotonic()
    time.sleep(seconds)
    took_s = time.monotonic() - began_s
    used = {name: (now_s - before_s[name]) / took_s for name, now_s in spent_s().items()}
    everybody = used.pop("all")
    return {**used, "others": everybody - sum(used.values())}


def busy_s() -> float:
    """Return the time all cores have computed since the machine started."""
    user, nice, system, _, _, interrupts, soft_interrupts, *_ = (
        int(ticks) for ticks in Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:]
    )
    return (user + nice + system + interrupts + soft_interrupts) / os.sysconf("SC_CLK_TCK")


@contextmanager
def probing(address: Address, cookie: str) -> Iterator[list["Probe"]]:
    probes = [
        Probe(address, "board", "/board/all/state", cookie),
        Probe(address, "reception, whole page", "/reception", cookie),
        Probe(address, "reception, list", "/reception/search", cookie, form={"text": ""}),
        Probe(address, "reception, by name", "/reception/search", cookie, form={"text": "nguyen thi"}),
    ]
    try:
        yield probes
    finally:
        for probe in probes:
            probe.stop()


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

    def listen(self, path: str) -> http.client.HTTPResponse | None:
        """Return an event stream, None when all places are taken."""
        self._connection.request("GET", path, headers={"Cookie": self.cookie, "Accept": "text/event-stream"})
        response = self._connection.getresponse()
        if response.status == 503:
            response.close()
            return None
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
    """A board or a desk: listens, and fetches what its script would. ``heard_s``: when it first heard of a subject."""

    def __init__(self, address: Address, cookie: str, *, is_board: bool) -> None:
        self.beats = 0
        self.heard_s: dict[str, float] = {}
        self._address = address
        self._cookie = cookie
        self._browser = Browser(address, cookie)
        self._is_board = is_board
        self._gathered: set[str] = set()
        self._newest = 0
        self._has_news = threading.Event()
        self._closed = threading.Event()
        self._response: http.client.HTTPResponse | None = None
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._listen, self._fetch)]
        for thread in self._threads:
            thread.start()

    @property
    def listens(self) -> bool:
        return self._response is not None

    def leave(self) -> None:
        """Have it go at the next event it hears; ``join`` waits for that."""
        self._closed.set()
        self._has_news.set()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _listen(self) -> None:
        path = "/board/all/stream" if self._is_board else "/reception/stream"
        while not self._closed.is_set():
            # Places of pages that have just gone are free when the server next speaks to them, 5 s later at most.
            self._response = Browser(self._address, self._cookie).listen(path)
            if self._response is None:
                self._closed.wait(TRY_AGAIN_S)
                continue
            with self._response:
                self._hear(self._response)

    def _hear(self, response: http.client.HTTPResponse) -> None:
        event = ""
        while not self._closed.is_set():  # the server speaks every few seconds
            line = response.readline().decode()
            if not line:
                return  # it ended the stream
            name, _, text = line.rstrip("\n").partition(": ")
            if name == "event":
                event = text
                self.beats += event == "heartbeat"
            elif name == "id":
                self._newest = max(self._newest, int(text))
            elif name == "data" and event == "changed":
                subject = json.loads(text)["subject"]
                self.heard_s.setdefault(subject, time.monotonic())
                self._gathered.add(subject)
                self._has_news.set()

    def _fetch(self) -> None:
        while not self._closed.is_set():
            is_news = self._has_news.wait(BOARD_LOOKS_EVERY_S if self._is_board else None)
            if self._closed.is_set():
                return
            if self._is_board:
                self._has_news.clear()
                self._browser.get(f"/board/all/state?after={self._newest}")
            elif is_news:
                time.sleep(DESK_GATHERS_S)
                self._has_news.clear()
                changed, self._gathered = self._gathered, set()
                # static/server/arrivals.js asks for the whole list where many rows have changed.
                if len(changed) > MANY_ROWS:
                    self._browser.post(f"/reception/search?after={self._newest}", {"text": ""})
                elif changed:
                    rows = urlencode([("id", one) for one in sorted(changed)])
                    self._browser.get(f"/reception/rows?{rows}&after={self._newest}")


@contextmanager
def open_pages(address: Address, cookie: str, boards: int, desks: int) -> Iterator[list[Page]]:
    """Yield pages that all listen."""
    pages: list[Page] = []
    try:
        for n in range(boards + desks):
            pages.append(Page(address, cookie, is_board=n < boards))
        give_up_s = time.monotonic() + 60
        while not all(page.listens for page in pages):
            if time.monotonic() > give_up_s:
                raise RuntimeError(f"{sum(not page.listens for page in pages)} pages got no stream within a minute")
            time.sleep(0.1)
        yield pages
    finally:
        for page in pages:
            page.leave()
        for page in pages:
            page.join()


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

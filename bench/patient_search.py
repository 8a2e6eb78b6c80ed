"""Finding a person among ten thousand and among a million: by number, by name, by name and birth date.

    bench/patient_search.py [--people 10000 1000000] [--searches 400] [--databases sqlite postgresql] [--shown 8 20]

The invented people of ``tiepdon-server demo --people``, each number of them in a database of its own, which stays below
var/ for the next run; its files are read once, so that memory holds them as on a server that has been up for a day.
First one client searches alone, then eight threads of one process at once, for people who are there, as the desk's
service does it for a page of the desk (8) and of the appointments (20). The databases take turns, so that
whatever else the machine does strikes both. What counts is how much the median grows with the number of people, and
the slowest of a hundred.

Of a whole name there are four among ten thousand people and a full page among a million: part of what grows there is
the page. Like is compared with like by "name's beginning", which fills a page whatever the number of people, and by
"whole name, 3 shown": names that at least three bear, three asked for. "rows" is the median of how many were shown.
"""

import argparse
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, repeat
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.kept_people import filled_databases  # noqa: E402 - found from the root only, as the tests' PostgreSQL is
from server.db import Database  # noqa: E402 - as above
from server.demo.load import card_number, person  # noqa: E402 - as above
from server.desk.looking import SHOWN  # noqa: E402 - as above
from server.domain.search import understand  # noqa: E402 - as above
from server.patients.search import search_patients  # noqa: E402 - as above

THREADS: Final = 8
ROUNDS: Final = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """What is typed to find person ``index``, whose name has so many ``bearers``; ``limit``: or a page."""

    typed: Callable[[int], str]
    limit: int | None = None
    bearers: int = 1


def _name(index: int) -> str:
    return str(person(index)["full_name"])


def _given_name(index: int) -> str:
    return _name(index).split()[-1]


def _month(index: int) -> str:
    year, month, _ = person(index)["born_on"].split("-")
    return f"{month}/{year}"


KINDS: Final[dict[str, Kind]] = {
    "personal number": Kind(lambda index: str(person(index)["identifiers"][0]["value"])),
    "insurance card": Kind(card_number),
    "name's beginning": Kind(lambda index: " ".join(_name(index).split()[:2])),
    "whole name, 3 shown": Kind(_name, limit=3, bearers=3),
    "whole name": Kind(_name),
    "name and day": Kind(lambda index: f"{_given_name(index)} {person(index)['born_on']}"),
    "name and month": Kind(lambda index: f"{_given_name(index)} {_month(index)}"),
    "whole name and year": Kind(lambda index: f"{_name(index)} {person(index)['born_on'][:4]}"),
    "name and year": Kind(lambda index: f"{_given_name(index)} {person(index)['born_on'][:4]}"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--searches", type=int, default=400)
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--shown", type=int, nargs="+", default=[SHOWN, 20], help="how many people a page shows")
    arguments = parser.parse_args()
    print(f"{arguments.searches} searches of each kind, alone and {THREADS} at once, in {ROUNDS} rounds\n")
    print(f"{'':46}----- alone ----- {'-' * 12} {THREADS} at once {'-' * 11}")
    print("database    people    typed              rows   p50 ms   grows   p50 ms   p99 ms  slowest   grows")
    for kind in arguments.databases:
        with filled_databases(kind, arguments.people) as filled:
            for shown in arguments.shown:
                print(f"pages of {shown}")
                measure(kind, filled, arguments.searches, shown)
    return 0


def measure(database_kind: str, filled: dict[int, Database], searches: int, shown: int) -> None:
    fewest = min(filled)
    bearers = Counter(_name(index) for index in range(fewest))
    for name, kind in KINDS.items():
        alone: dict[int, list[Timed]] = {people: [] for people in filled}
        together: dict[int, list[Timed]] = {people: [] for people in filled}
        for n in range(ROUNDS):
            for people, database in filled.items():
                chance = random.Random(n)
                drawn = (chance.randrange(people) for _ in repeat(None))
                enough = (index for index in drawn if bearers[_name(index)] >= kind.bearers)
                texts = [kind.typed(index) for index in islice(enough, searches // ROUNDS)]
                alone[people] += timed(database, texts, kind.limit or shown, threads=1)
                together[people] += timed(database, texts, kind.limit or shown, threads=THREADS)
        for people in filled:
            one_ms, eight_ms = (median_ms(some[people]) for some in (alone, together))
            latencies_ms = [one.latency_ms for one in together[people]]
            rows = statistics.median(one.rows for one in together[people])
            print(
                f"{database_kind:<11} {people:>8}  {name:<19} {rows:>3.0f} {one_ms:>8.2f} "
                f"{one_ms / median_ms(alone[fewest]):>7.2f} {eight_ms:>8.2f} "
                f"{statistics.quantiles(latencies_ms, n=100)[98]:>8.1f} {max(latencies_ms):>8.1f} "
                f"{eight_ms / median_ms(together[fewest]):>7.2f}",
                flush=True,
            )


@dataclass(frozen=True, slots=True)
class Timed:
    """One search: how long it took and how many people it showed."""

    latency_ms: float
    rows: int


def median_ms(searches: list[Timed]) -> float:
    return statistics.median(one.latency_ms for one in searches)


def timed(database: Database, texts: list[str], limit: int, *, threads: int) -> list[Timed]:
    """Return how each search went; every one must find somebody."""
    measured: list[Timed] = []

    def search(share: list[str]) -> None:
        for text in share:
            began_s = time.perf_counter()
            with database.reading() as session:
                found = search_patients(session, understand(text), limit=limit).people
            measured.append(Timed((time.perf_counter() - began_s) * 1000, len(found)))

    running = [threading.Thread(target=search, args=(texts[n::threads],)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert len(measured) == len(texts), "a search failed"
    assert all(one.rows for one in measured), "a search for somebody who is there found nobody"
    return measured


if __name__ == "__main__":
    sys.exit(main())

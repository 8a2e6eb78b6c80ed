"""Finding a person among ten thousand and among a million: by number, by name, by name and birth date.

    bench/patient_search.py [--people 10000 1000000] [--searches 400] [--databases sqlite postgresql]

The invented people of ``tiepdon-server demo --people``, each number of them in a database of its own; eight threads
search at once, for people who are there. The databases take turns, so that whatever else the machine does strikes both.
What counts is how much the median grows with the number of people, and the slowest of a hundred.

Of a whole name there are four among ten thousand people and a full page among a million: what grows there is mostly
the page. Like is compared with like by "name's beginning", which fills a page of 20 whatever the number of people, and
by "whole name, 3 shown": names that at least three bear, three asked for. "rows" is the median of how many were shown.
"""

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, repeat
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from server.db import WRITES, Database  # noqa: E402 - the tests' private PostgreSQL is found from the root only
from server.demo_load import add_people, card_number, person  # noqa: E402 - as above
from server.domain.search import understand  # noqa: E402 - as above
from server.migrations import migrate  # noqa: E402 - as above
from server.patients.search import search_patients  # noqa: E402 - as above
from tests.support.postgres import private_postgres  # noqa: E402 - as above

THREADS: Final = 8
ROUNDS: Final = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """What is typed to find person ``index``; ``limit`` people are asked for, ``bearers`` share the name at least."""

    typed: Callable[[int], str]
    limit: int = 20
    bearers: int = 1


def _name(index: int) -> str:
    return str(person(index)["full_name"])


def _given_name(index: int) -> str:
    return _name(index).split()[-1]


KINDS: Final[dict[str, Kind]] = {
    "personal number": Kind(lambda index: str(person(index)["identifiers"][0]["value"])),
    "insurance card": Kind(card_number),
    "name's beginning": Kind(lambda index: " ".join(_name(index).split()[:2])),
    "whole name, 3 shown": Kind(_name, limit=3, bearers=3),
    "whole name": Kind(_name),
    "name and day": Kind(lambda index: f"{_given_name(index)} {person(index)['born_on']}"),
    "name and year": Kind(lambda index: f"{_given_name(index)} {person(index)['born_on'][:4]}"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--searches", type=int, default=400)
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    print(f"{arguments.searches} searches of each kind, {THREADS} at once, in {ROUNDS} rounds\n")
    print("database    people    typed                rows   p50 ms   p99 ms   p50 against the fewest people")
    for kind in arguments.databases:
        with ExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tiepdon-bench-")))
            cluster = stack.enter_context(private_postgres(durable=True)) if kind == "postgresql" else None
            filled = {}
            for people in sorted(arguments.people):
                url = cluster.create_database() if cluster else f"sqlite:///{directory / str(people)}.db"
                filled[people] = with_people(url, people)
                stack.callback(filled[people].close)
            measure(kind, filled, arguments.searches)
    return 0


def with_people(url: str, people: int) -> Database:
    """Return a new database that holds so many people, in the state autovacuum brings it to by itself."""
    database = Database(url)
    migrate(database)
    add_people(database, people, datetime.now(UTC))
    alone = {"isolation_level": "AUTOCOMMIT"} if database.kind == "postgresql" else {WRITES: True}
    with database.engine.execution_options(**alone).connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if database.kind == "postgresql" else "ANALYZE")
        connection.commit()
    return database


def measure(database_kind: str, filled: dict[int, Database], searches: int) -> None:
    fewest = min(filled)
    bearers = Counter(_name(index) for index in range(fewest))
    for name, kind in KINDS.items():
        latencies_ms: dict[int, list[float]] = {people: [] for people in filled}
        rows: dict[int, list[int]] = {people: [] for people in filled}
        for n in range(ROUNDS):
            for people, database in filled.items():
                chance = random.Random(n)
                drawn = (chance.randrange(people) for _ in repeat(None))
                enough = (index for index in drawn if bearers[_name(index)] >= kind.bearers)
                texts = [kind.typed(index) for index in islice(enough, searches // ROUNDS)]
                for latency_ms, shown in timed(database, texts, kind.limit):
                    latencies_ms[people].append(latency_ms)
                    rows[people].append(shown)
        for people, found in latencies_ms.items():
            median_ms, p99_ms = statistics.median(found), statistics.quantiles(found, n=100)[98]
            ratio = median_ms / statistics.median(latencies_ms[fewest])
            line = f"{database_kind:<11} {people:>8}  {name:<19} {statistics.median(rows[people]):>5.0f}"
            print(f"{line} {median_ms:>8.1f} {p99_ms:>8.1f} {ratio:>10.2f}", flush=True)


def timed(database: Database, texts: list[str], limit: int) -> list[tuple[float, int]]:
    """Return how long each search took, in ms, and how many people it showed; every one must find somebody."""
    measured: list[tuple[float, int]] = []

    def search(share: list[str]) -> None:
        for text in share:
            began_s = time.perf_counter()
            with database.reading() as session:
                found = search_patients(session, understand(text), limit=limit).people
            measured.append(((time.perf_counter() - began_s) * 1000, len(found)))
            assert found, "a search for somebody who is there found nobody"

    threads = [threading.Thread(target=search, args=(texts[n::THREADS],)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return measured


if __name__ == "__main__":
    sys.exit(main())

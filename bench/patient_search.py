"""Finding a person among ten thousand and among a million: by number, by name, by name and birth date.

    bench/patient_search.py [--people 10000 1000000] [--searches 400] [--databases sqlite postgresql]

The invented people of ``tiepdon-server demo --people``, each number of them in a database of its own; eight threads
search at once, for people who are there. The databases take turns, so that whatever else the machine does strikes both.
What counts is how much the median grows with the number of people, and the slowest of a hundred.
"""

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
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

TYPED: Final[dict[str, Callable[[int], str]]] = {
    "personal number": lambda index: str(person(index)["identifiers"][0]["value"]),
    "insurance card": card_number,
    # Fills a page whatever the number of people. Of a whole name there are four among ten thousand.
    "name's beginning": lambda index: " ".join(str(person(index)["full_name"]).split()[:2]),
    "whole name": lambda index: str(person(index)["full_name"]),
    "name and day": lambda index: f"{person(index)['full_name'].split()[-1]} {person(index)['born_on']}",
    "name and year": lambda index: f"{person(index)['full_name'].split()[-1]} {person(index)['born_on'][:4]}",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--searches", type=int, default=400)
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    print(f"{arguments.searches} searches of each kind, {THREADS} at once, in {ROUNDS} rounds\n")
    print("database    people    typed              p50 ms   p99 ms   p50 against the fewest people")
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


def measure(kind: str, filled: dict[int, Database], searches: int) -> None:
    for name, typed in TYPED.items():
        latencies_ms: dict[int, list[float]] = {people: [] for people in filled}
        for n in range(ROUNDS):
            for people, database in filled.items():
                texts = [typed(index) for index in chosen(people, searches // ROUNDS, seed=n)]
                latencies_ms[people] += timed(database, texts)
        fewest = statistics.median(latencies_ms[min(filled)])
        for people, found in latencies_ms.items():
            median_ms, p99_ms = statistics.median(found), statistics.quantiles(found, n=100)[98]
            ratio = median_ms / fewest
            print(f"{kind:<11} {people:>8}  {name:<16} {median_ms:>8.1f} {p99_ms:>8.1f} {ratio:>10.2f}", flush=True)


def chosen(people: int, searches: int, *, seed: int) -> list[int]:
    return random.Random(seed).choices(range(people), k=searches)


def timed(database: Database, texts: list[str]) -> list[float]:
    """Return how long each search took, in ms; every one must find somebody."""
    latencies_ms: list[float] = []

    def search(share: list[str]) -> None:
        for text in share:
            began_s = time.perf_counter()
            with database.reading() as session:
                found = search_patients(session, understand(text)).people
            latencies_ms.append((time.perf_counter() - began_s) * 1000)
            assert found, "a search for somebody who is there found nobody"

    threads = [threading.Thread(target=search, args=(texts[n::THREADS],)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies_ms


if __name__ == "__main__":
    sys.exit(main())

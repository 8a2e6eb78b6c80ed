"""Finding a person among ten thousand and among a million: by number, by name, by name and birth date.

    bench/patient_search.py [--people 10000 1000000] [--searches 400] [--databases sqlite postgresql]

The invented people of ``tiepdon-server demo --people``; eight threads search at once, for people who are there. What
counts is how much the median grows with the number of people, and the slowest of a hundred.
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

from server.db import Database  # noqa: E402 - the tests' private PostgreSQL is found from the root only
from server.demo_load import add_people, card_number, person  # noqa: E402 - as above
from server.domain.search import understand  # noqa: E402 - as above
from server.migrations import migrate  # noqa: E402 - as above
from server.patients.search import search_patients  # noqa: E402 - as above
from tests.support.postgres import private_postgres  # noqa: E402 - as above

THREADS: Final = 8

TYPED: Final[dict[str, Callable[[int], str]]] = {
    "personal number": lambda index: str(person(index)["identifiers"][0]["value"]),
    "insurance card": card_number,
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
    print(f"{arguments.searches} searches of each kind, {THREADS} at once\n")
    print("database    people    typed              p50 ms   p99 ms   p50 against the fewest people")
    for kind in arguments.databases:
        with ExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tiepdon-bench-")))
            cluster = stack.enter_context(private_postgres(durable=True)) if kind == "postgresql" else None
            database = Database(cluster.create_database() if cluster else f"sqlite:///{directory}/people.db")
            stack.callback(database.close)
            migrate(database)
            measure(database, kind, sorted(arguments.people), arguments.searches)
    return 0


def measure(database: Database, kind: str, sizes: list[int], searches: int) -> None:
    first: dict[str, float] = {}
    for people in sizes:
        add_people(database, people, datetime.now(UTC))
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=OFF" if kind == "sqlite" else "SELECT 1")
            connection.exec_driver_sql("ANALYZE")  # as PostgreSQL's autovacuum does by itself
            connection.commit()
        for name, typed in TYPED.items():
            latencies_ms = timed(database, [typed(index) for index in chosen(people, searches)])
            median_ms = statistics.median(latencies_ms)
            ratio = median_ms / first.setdefault(name, median_ms)
            p99_ms = statistics.quantiles(latencies_ms, n=100)[98]
            print(f"{kind:<11} {people:>8}  {name:<16} {median_ms:>8.1f} {p99_ms:>8.1f} {ratio:>10.2f}", flush=True)


def chosen(people: int, searches: int) -> list[int]:
    return random.Random(people).choices(range(people), k=searches)


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

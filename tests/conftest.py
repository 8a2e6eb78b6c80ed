"""What every part of the suite may need: databases of both kinds, fresh for each test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

from tests.support.applications import compile_once
from tests.support.postgres import PrivatePostgres, private_postgres

TESTS: Final = Path(__file__).parent
LONGEST_FIRST: Final = ("e2e", "server", "kiosk", "drivers", "contract")

# The suite starts some two hundred programs; where byte code is not kept, each would compile the project anew, and take
# twice the time to start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

compile_once()

# Nothing passes or fails on time, and a change is judged on the same examples each time; bench/fuzz looks for new ones.
settings.register_profile(
    "suite", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take half a minute each, so that no process is left alone with one at the end."""

    def place(item: pytest.Item) -> int:
        area = item.path.relative_to(TESTS).parts[0]
        return LONGEST_FIRST.index(area) if area in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """One private cluster for the whole run, started when a test first asks for it."""
    with private_postgres(durable=False) as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def make_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Return a function that gives the address of one more empty database; the test runs once for each kind."""
    if request.param == "sqlite":
        count = iter(range(1_000_000))
        return lambda: f"sqlite:///{tmp_path / f'tiepdon-{next(count)}.db'}"
    cluster: PrivatePostgres = request.getfixturevalue("postgres")
    return cluster.create_database


@pytest.fixture
def database_url(make_database_url: Callable[[], str]) -> str:
    """The address of an empty database of each kind in turn."""
    return make_database_url()

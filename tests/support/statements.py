"""Statements compiled once for all the databases of a test run; each test has its own, with engines of its own."""

from typing import Any, Final

from sqlalchemy.engine import Dialect

from server.db import Database

_SHARED: Final[dict[tuple[str, int], tuple[Dialect, dict[Any, Any]]]] = {}


def share_compiled(database: Database) -> None:
    """Have ``database``, not used yet, take what an earlier one of its kind compiled, and leave what it compiles.

    Compiling took a sixth of the server's tests. SQLAlchemy keeps what is compiled by dialect, and each engine has its
    own.
    """
    for place, engine in enumerate(database.engines):
        if (database.kind, place) not in _SHARED:
            engine.connect().close()  # a dialect learns of its database at its own engine's first connection
            _SHARED[database.kind, place] = engine.dialect, {}
        engine.dialect, engine._compiled_cache = _SHARED[database.kind, place]
        engine.pool._dialect = engine.dialect

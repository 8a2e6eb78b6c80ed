"""What the log may keep of a failure nobody foresaw: where it happened and of what kind, never a row's content."""

import logging
import secrets
import traceback
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, StatementError


def record(log: logging.Logger, error: BaseException, place: str | None) -> str:
    """Log a failure and return its incident number, which joins the log and what the person was told."""
    incident = secrets.token_hex(4)
    log.error("incident %s at %s\n%s", incident, place, describe(error))
    return incident


def describe(error: BaseException) -> str:
    """Return the frames and kinds of a failure and of what caused it, the first cause first.

    PostgreSQL quotes the failing row in its messages ("Key (value)=(...)"), so of a database's error, and of the
    driver's own below it, only kind, SQLSTATE and statement are told.
    """
    return "\n".join(
        "".join([*traceback.format_tb(one.__traceback__), _name(one)]) for one in reversed(list(_chain(error)))
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _name(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, DBAPIError):
        return f"{kind}: SQLSTATE {getattr(error.orig, 'sqlstate', None)} in {error.statement}"
    if isinstance(error, StatementError):
        return f"{kind}: in {error.statement}"
    if hasattr(error, "sqlstate"):
        return kind
    return f"{kind}: {error}"

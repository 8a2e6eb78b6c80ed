"""How both programs write their log: JSON lines on standard error, and nothing of a person in them.

Not a list of what must be hidden but of what may be shown: numbers, ids, enumerations, instants, and texts of the form
of our codes (``card.removed``, ``reception.arrivals``). Every other text is replaced by its length. Of a failure the
places and kinds are told, never its message: libraries quote the value they choke on.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Final, TextIO
from uuid import UUID

FIELDS: Final = frozenset(
    {
        "code", "device", "duration_ms", "endpoint", "facility", "incident", "method", "person", "request", "role",
        "status",
    }
)  # fmt: skip
"""What a record's ``extra`` may add to its line; anything else is left out."""

_CODE: Final = re.compile(r"[a-z0-9_][a-z0-9_.:/-]{0,127}")
_KIND: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,127}(?:Error|Exception|Interrupt)")
_METHOD: Final = re.compile(r"[A-Z]{3,7}")
_LONG_NUMBER: Final = re.compile(r"[0-9]{6}")
_PLACEHOLDER: Final = re.compile(r"%(?:\([^)]*\))?[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]")


class LastThree:
    """A person's number as a log may hold it: its last three digits."""

    def __init__(self, number: str) -> None:
        self._text = f"…{number[-3:]}" if number[-3:].isdecimal() and len(number) > 6 else "…"

    def __str__(self) -> str:
        return self._text


class Failure:
    """A failure as an argument of a record: whatever writes it, its message stays out."""

    def __init__(self, error: BaseException) -> None:
        self.lines = describe_failure(error)

    def __str__(self) -> str:
        return "\n".join(self.lines)


class JsonLines(logging.Formatter):
    """One line of JSON for each record: when, how grave, where in the program, what, and the fields above."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        line |= {name: shown(value) for name, value in vars(record).items() if name in FIELDS}
        if lines := _failure(record):
            line["failure"] = lines
        return json.dumps(line, ensure_ascii=False)


def shown(value: object) -> str | int | float | bool | None:
    """Return a value as the log may hold it."""
    if value is None or isinstance(value, bool | int | float):
        return value if not isinstance(value, Enum) else str(value.value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, UUID | LastThree):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, BaseException):
        return _kind(value)
    if isinstance(value, str):
        return value if _is_harmless(value) else f"<{len(value)} characters>"
    return f"<{type(value).__name__}>"


def describe_failure(error: BaseException) -> list[str]:
    """Return places and kinds of a failure and of what caused it, the first cause first.

    Of our own errors the code is told too, of a database's its SQLSTATE and the statement, which holds no value.
    """
    lines: list[str] = []
    for one in reversed(list(_chain(error))):
        frames = traceback.extract_tb(one.__traceback__)
        lines += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        lines.append(_kind(one))
    return lines


def set_up(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Have every logger of this process write JSON lines to ``stream``, standard error by default."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def let_through(name: str) -> None:
    """Have the logger of a library that brought handlers of its own write as all others do."""
    logger = logging.getLogger(name)
    logger.handlers.clear()
    logger.propagate = True


def _failure(record: logging.LogRecord) -> list[str]:
    told = next((value for value in record.args or () if isinstance(value, Failure)), None)
    if told is not None:
        return told.lines
    error = record.exc_info[1] if record.exc_info else None
    return describe_failure(error) if error is not None else []


def _event(record: logging.LogRecord) -> str:
    """Return the sentence of a record with its values as they may be shown.

    The sentence itself is a constant of the program. A library's f-string looks the same and may hold anything, so a
    sentence without values is cut to a length unless it comes from our own packages.
    """
    sentence, values = str(record.msg), record.args
    if not values:
        is_ours = record.name.partition(".")[0] in {"server", "kiosk", "drivers", "gunicorn"}
        return sentence if is_ours and not _LONG_NUMBER.search(sentence) else f"<{len(sentence)} characters>"
    if isinstance(values, Mapping):
        return _PLACEHOLDER.sub("?", sentence)
    pieces = iter(["" if isinstance(value, Failure) else shown(value) for value in values])
    return _PLACEHOLDER.sub(lambda _: str(next(pieces, "?")), sentence).strip()


def _is_harmless(text: str) -> bool:
    form = _CODE.fullmatch(text) or _KIND.fullmatch(text) or _METHOD.fullmatch(text)
    return form is not None and not _LONG_NUMBER.search(text)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _kind(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    code, statement = getattr(error, "code", None), getattr(error, "statement", None)
    if isinstance(statement, str):  # SQLAlchemy's, whose values stand apart
        return f"{kind}: SQLSTATE {getattr(getattr(error, 'orig', None), 'sqlstate', None)} in {statement}"
    return f"{kind}: {code}" if isinstance(code, str) and _is_harmless(code) else kind

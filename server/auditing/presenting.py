"""How a line of the audit log looks, on the page and in the file."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from server.audit_faults import Fault
from server.auditing.actions import is_refused
from server.auditing.checks import SUBJECT_TYPE
from server.auditing.trail import Line
from server.domain.days import VIETNAM
from server.presenting import written_date
from server.reports.tables import Table
from server.texts import Texts

_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HASH: Final = re.compile(r"([0-9]+):[0-9a-f]{64}")
_UNDO: Final = "ticket.undo-"
_COLUMNS: Final = ("line", "time", "who", "act", "result", "record", "details")


def when(instant: datetime) -> str:
    """Return ``06:41:07 23/11/2026`` in the hospital's time."""
    return instant.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y")


def who(actor: str, name: str | None, t: Texts) -> str:
    """Return who acted: a person or a kiosk by name, a program by what it is."""
    kind, _, which = actor.partition(":")
    if name is not None:
        return f"{name} ({which})" if kind == "staff" else name
    if kind == "address":
        return t("who.address", address=which)
    return t(f"who.{kind}") if t.has(f"who.{kind}") else which or actor


def act(action: str, t: Texts) -> str:
    if action.startswith(_UNDO):
        return t("undone", act=t.find("action", f"ticket.{action.removeprefix(_UNDO)}"))
    return t.find("action", action)


def record(line: Line, t: Texts) -> str:
    """Return what it was done to: a visit by its number, staff and devices by name, others by the id's beginning."""
    return subject(line.subject_type, line.label or line.subject_id, t)


def subject(kind: str, which: str, t: Texts) -> str:
    """Return what a record is called; the log itself is the only one of its kind."""
    return t.find("subject", kind) if kind == SUBJECT_TYPE else f"{t.find('subject', kind)} {short(which)}"


def details(line: Line, t: Texts) -> str:
    """Return the particulars, ids and hashes shortened; what says nothing is left out."""
    said = {name: value for name, value in line.details.items() if value not in {None, ""}}
    return "; ".join(f"{t.find('detail', name)}: {_value(name, value, t)}" for name, value in said.items())


def _value(name: str, value: str | int | bool | None, t: Texts) -> str:
    """Return a particular in words where its code has some; a day as people write it."""
    if isinstance(value, bool):
        return t("value.yes" if value else "value.no")
    text = str(value)
    if _DAY.fullmatch(text):
        return written_date(text)
    return t(f"{name}.{text}") if t.has(f"{name}.{text}") else short(text)


def short(text: str) -> str:
    """Return the beginning of an id, enough to tell it from others on a page; the line of a chain's end."""
    if end := _HASH.fullmatch(text):
        return end[1]
    return text[:8] if _ID.fullmatch(text) else text


def fault(found: Fault, t: Texts) -> str:
    return t(f"fault.{found.kind.value}", line=found.line, other=found.other)


def result(line: Line) -> str:
    return "refused" if is_refused(line.action) else "done"


def table_of(lines: Sequence[Line], t: Texts) -> Table:
    """Return the lines for a file, in words and as they are kept: with codes, ids and seal one can look them up."""
    head = (*(t(f"column.{column}") for column in _COLUMNS), "actor", "action", "subject", "details", "hash")
    rows = tuple(
        (
            line.sequence, when(line.at), who(line.actor, line.actor_name, t), act(line.action, t),
            t(f"result.{result(line)}"), record(line, t), details(line, t),
            line.actor, line.action, f"{line.subject_type}:{line.subject_id}",
            json.dumps(line.details, ensure_ascii=False, sort_keys=True), line.hash,
        )
        for line in lines
    )  # fmt: skip
    return Table("audit", t("audit.title"), head, rows)
